import Proxy

/// One change or event that concerns the traffic, as it is kept and shown.
package struct HistoryEntry: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        case `switch`
        case rollback
        case canarySet = "canary_set"
        case canaryOff = "canary_off"
        case start
        case reload
        /// A step of a rollout that moves no traffic.
        case rollout
        case lease
        case leaseEnd = "lease_end"
        case upgrade
    }

    /// The generation that the change made, or that was in force at the event.
    package var generation: Generation
    /// RFC 3339 in UTC.
    package var time: String
    package var action: Action
    /// The slot that lost the traffic; nil where none did.
    package var from: String?
    /// The slot that the action is about.
    package var to: String?
    /// The canary's share after the action; nil without one.
    package var canary: Weight?
    /// Who asked: a peer address, a signal, or the program itself.
    package var actor: String
    package var reason: String?
    /// What the judge saw when it decided: a JSON text.
    package var figures: String?

    package init(
        generation: Generation,
        time: String,
        action: Action,
        from: String? = nil,
        to: String? = nil,
        canary: Weight? = nil,
        actor: String,
        reason: String? = nil
    ) {
        self.generation = generation
        self.time = time
        self.action = action
        self.from = from
        self.to = to
        self.canary = canary
        self.actor = actor
        self.reason = reason
    }
}

extension HistoryEntry {
    var json: JSON {
        let json: JSON = [
            "generation": JSON(generation), "time": .string(time),
            "action": .string(action.rawValue), "from": JSON(from), "to": JSON(to),
            "percent": canary.map { JSON($0.percent) } ?? .null, "actor": .string(actor),
            "reason": JSON(reason),
        ]
        guard let figures, let read = try? JSONParser.parse(Array(figures.utf8)) else {
            return json
        }
        return json.adding("figures", read)
    }

    /// Reads what `json` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let generation = json["generation"]?.integer.flatMap({ Generation(exactly: $0) }),
            let time = json["time"]?.string,
            let action = json["action"]?.string.flatMap(Action.init),
            let actor = json["actor"]?.string
        else { return nil }
        self.init(
            generation: generation,
            time: time,
            action: action,
            from: json["from"]?.string,
            to: json["to"]?.string,
            canary: json["percent"]?.double.flatMap { Weight(percent: $0) },
            actor: actor,
            reason: json["reason"]?.string
        )
        figures = json["figures"]?.line
    }
}

/// The last entries, oldest first, each with its text, so that saving does not write all anew.
package struct History: Sendable, Equatable {
    /// Entries kept: enough for months of deployments, and under 3 MiB however long the reasons.
    package static let entryLimit = 1_000

    package private(set) var entries: [HistoryEntry] = []
    private(set) var texts: [[UInt8]] = []

    package init() {}

    package mutating func append(_ entry: HistoryEntry) {
        if entries.count == Self.entryLimit {
            entries.removeFirst()
            texts.removeFirst()
        }
        entries.append(entry)
        texts.append(Array(entry.json.line.utf8))
    }
}

extension HistoryEntry {
    /// The entry in words, for the log.
    var sentence: String {
        let percent = canary.map { "\(JSON($0.percent).line) %" } ?? "0 %"
        return switch action {
        case .switch: "switched from \(from ?? "") to \(to ?? "")"
        case .rollback: "rolled back from \(from ?? "") to \(to ?? "")"
        case .canarySet: "canary \(to ?? "") takes \(percent)"
        case .canaryOff: "canary \(to ?? "") off"
        case .start: "started with \(to ?? "") active"
        case .reload: "reloaded the configuration"
        case .rollout: "rollout of \(to ?? ""): \(reason ?? "")"
        case .lease: "\(to ?? "") is leased: \(reason ?? "")"
        case .leaseEnd: "the lease on \(to ?? "") ended"
        case .upgrade: "upgraded the program"
        }
    }
}
