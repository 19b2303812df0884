import Proxy

/// The JSON body of a request that changes something; checked whole before anything is done.
struct ChangeBody: Equatable {
    enum Key: String, CaseIterable {
        case slot, percent, reason, wait, timeout, force, plan, full, holder, time
    }

    static let forSwitch: [Key] = [.slot, .reason, .wait, .timeout, .force]
    static let forRollback: [Key] = [.reason, .wait, .timeout, .force]
    static let forCanary: [Key] = [.percent, .reason, .force]
    static let forNoCanary: [Key] = [.reason]
    static let forDrain: [Key] = [.slot, .timeout]
    static let forRolloutStart: [Key] = [.slot, .plan, .reason, .force]
    static let forPromotion: [Key] = [.full, .reason]
    static let forRollout: [Key] = [.reason]
    static let forLease: [Key] = [.holder, .time, .reason]
    static let forLeaseEnd: [Key] = [.holder, .reason]

    /// Characters of a reason; it stands in the history and the state file.
    static let reasonLimit = 500
    /// Longest wait for a drained slot.
    static let timeoutLimit = Duration.seconds(3_600)

    var slot: String?
    var percent: Weight?
    var reason: String?
    /// Whether to answer only when the old slot is drained.
    var waitsUntilDrained = false
    var timeout = Duration.seconds(30)
    var force = false
    /// A plan for a rollout, not yet read.
    var plan: JSON?
    /// Whether to go to the promotion at once.
    var isFull = false
    /// Who holds a lease.
    var holder: String?
    /// How long a lease holds.
    var time = Lease.standardTime

    init() {}

    /// Reads a body; an empty one has no members.
    ///
    /// Throws a sentence that names every mistake.
    init(_ body: [UInt8], allowing keys: [Key]) throws(AdminRefusal) {
        guard body.contains(where: { !" \t\r\n".utf8.contains($0) }) else { return }
        let json: JSON
        do { json = try JSONParser.parse(body) } catch {
            throw AdminRefusal(
                400,
                "the body is not JSON (at byte \(error.offset), \(error.found): \(error.message));"
                    + " \(Self.advice(keys))"
            )
        }
        guard let members = json.members else {
            throw AdminRefusal(400, "the body is \(json.summary); \(Self.advice(keys))")
        }
        var mistakes: [String] = []
        var seen: Set<Key> = []
        for member in members {
            guard let key = Key(rawValue: member.name), keys.contains(key) else {
                mistakes.append("\"\(member.name)\" is unknown")
                continue
            }
            guard seen.insert(key).inserted else {
                mistakes.append("\"\(key.rawValue)\" stands twice")
                continue
            }
            if let mistake = take(key, member.value) {
                mistakes.append("\"\(key.rawValue)\" \(mistake)")
            }
        }
        guard mistakes.isEmpty else {
            throw AdminRefusal(
                400,
                mistakes.joined(separator: ", ") + "; \(Self.advice(keys))"
            )
        }
    }

    /// Takes one member over; returns what is wrong with it.
    private mutating func take(_ key: Key, _ value: JSON) -> String? {
        switch key {
        case .slot:
            guard let text = value.string else { return "is \(value.summary), not a string" }
            slot = text
        case .percent:
            guard let weight = value.double.flatMap({ Weight(percent: $0) }) else {
                return "has to be a number from 0 to 100 in steps of 0.01"
            }
            percent = weight
        case .reason, .holder:
            guard let text = value.string else { return "is \(value.summary), not a string" }
            guard text.count <= Self.reasonLimit, !text.hasControlCharacters else {
                return "has to be one line of at most \(Self.reasonLimit) characters"
            }
            if key == .reason { reason = text } else { holder = text }
        case .wait:
            guard value.string == "drained" else { return "can only be \"drained\"" }
            waitsUntilDrained = true
        case .timeout:
            guard let time = value.string.flatMap(DurationText.parse),
                time <= Self.timeoutLimit
            else { return "has to be a duration of at most one hour, such as \"30s\"" }
            timeout = time
        case .force, .full:
            guard let claim = value.bool else { return "has to be true or false" }
            if key == .force { force = claim } else { isFull = claim }
        case .plan: plan = value
        case .time:
            guard let time = value.string.flatMap(DurationText.parse), time <= Lease.timeLimit
            else { return "has to be a duration of at most 24 hours, such as \"30m\"" }
            self.time = time
        }
        return nil
    }

    private static func advice(_ keys: [Key]) -> String {
        if keys.isEmpty { return "send no body" }
        return "send an object with any of "
            + keys.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }
}

extension String {
    /// Whether a terminal or a log could be led astray by it.
    var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
