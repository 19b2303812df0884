import CLinux
import Glibc
import Proxy

/// What `switchyard rollout` does.
extension AdminSession {
    package static let startOptions = [
        Option("plan", "FILE", help: "JSON with what differs from the configured plan"),
        Option("wait", help: "return when it has ended: 0 promoted, 1 not, 2 no verdict in time"),
        Option("reason", "TEXT", help: "kept in the history"),
        Option("force", help: "start in spite of a lease"),
        Option("if-generation", "N", help: "only if N is still the generation"),
    ]
    package static let rolloutOptions = [
        Option("watch", help: "with status: show it again every second"),
        Option("full", help: "with promote: leave the steps out"),
    ]

    /// How long a restart of the proxy may take while somebody waits for a rollout.
    private static let absenceLimit = Duration.seconds(60)
    /// Between two looks.
    private static let pauseMicroseconds: UInt32 = 250_000

    /// Starts a rollout, and waits for its end if asked to.
    package func startRollout(slot: String?) throws(UsageFailure) -> ExitCode {
        var body: JSON = [:]
        if let slot { body = body.adding("slot", .string(slot)) }
        if let path = arguments["plan"] { body = body.adding("plan", try Self.plan(path)) }
        if let reason = arguments["reason"] { body = body.adding("reason", .string(reason)) }
        if arguments.has("force") { body = body.adding("force", .bool(true)) }
        var number: Int?
        var shown = ""
        let code = try change("POST", "/rollout", body) { json in
            number = json["number"]?.integer
            shown = RolloutTable.step(json)
            return RolloutTable.line(json)
        }
        guard code == .done, arguments.has("wait"), let number else { return code }
        return waitForEnd(of: number, shown: shown)
    }

    private static func plan(_ path: String) throws(UsageFailure) -> JSON {
        let limit = AdminServer.bodyLimitBytes
        let bytes: [UInt8]
        do { bytes = try contents(of: path, limitBytes: limit) } catch {
            throw UsageFailure(message: "cannot read the plan \(path) (\(error))")
        }
        do { return try JSONParser.parse(bytes) } catch {
            throw UsageFailure(
                message: "the plan \(path) is not JSON (at byte \(error.offset): \(error.message))"
            )
        }
    }

    /// Follows a rollout, a line for each change.
    private func waitForEnd(of number: Int, shown first: String) -> ExitCode {
        var shown = first
        var lastAnswer = ContinuousClock.now
        while true {
            let answer = try? client.ask("GET", "/rollout")
            guard let json = answer?.json, answer?.isDone == true else {
                guard ContinuousClock.now - lastAnswer < Self.absenceLimit else {
                    Terminal.complain("switchyard: the admin port does not answer any more")
                    return .unreachable
                }
                usleep(Self.pauseMicroseconds)
                continue
            }
            lastAnswer = .now
            guard json["number"]?.integer == number else {
                Terminal.complain("switchyard: another rollout was started meanwhile")
                return .refused
            }
            let step = RolloutTable.step(json)
            let line = RolloutTable.line(json).printable
            if Terminal.isInteractive {
                Terminal.rewrite(line, isNew: step != shown)
            } else if step != shown {
                Terminal.say(line)
            }
            shown = step
            if let code = Self.code(of: json) {
                if Terminal.isInteractive { Terminal.say("") }
                return code
            }
            usleep(Self.pauseMicroseconds)
        }
    }

    /// What the end of a rollout, or its deadline, tells a pipeline; nil while it goes on.
    static func code(of rollout: JSON) -> ExitCode? {
        switch (rollout["state"]?.string, rollout["outcome"]?.string) {
        case ("ended", "promoted"): .done
        case ("ended", "inconclusive"): .inconclusive
        case ("ended", _): .refused
        default: rollout["overdue"]?.bool == true ? .inconclusive : nil
        }
    }

    /// Shows the rollout, again every second while `--watch` is given and it runs.
    package func rolloutStatus() -> ExitCode {
        while true {
            if arguments.has("watch") { Terminal.clear() }
            var isOver = true
            let code = show("GET", "/rollout") { json in
                isOver = ["none", "ended"].contains(json["state"]?.string)
                return RolloutTable.text(json)
            }
            guard arguments.has("watch"), code == .done, !isOver else { return code }
            sleep(1)
        }
    }

    package func commandRollout(_ verb: String) throws(UsageFailure) -> ExitCode {
        var body: JSON = [:]
        if let reason = arguments["reason"] { body = body.adding("reason", .string(reason)) }
        if arguments.has("full") {
            guard verb == "promote" else {
                throw UsageFailure(message: "--full belongs to promote")
            }
            body = body.adding("full", .bool(true))
        }
        return try change("POST", "/rollout/\(verb)", body) { RolloutTable.line($0) }
    }

    package func lease(_ slot: String) throws(UsageFailure) -> ExitCode {
        var body: JSON = [:]
        if let holder = arguments["holder"] { body = body.adding("holder", .string(holder)) }
        if let reason = arguments["reason"] { body = body.adding("reason", .string(reason)) }
        let path = "/slots/\(slot.escapedSegment)/lease"
        if arguments.has("release") {
            return try change("DELETE", path, body) { json in
                json["ended"]?.bool == true ? "the lease on \(slot) ended" : "\(slot) has no lease"
            }
        }
        if let time = arguments["for"] { body = body.adding("time", .string(time)) }
        return try change("POST", path, body) { json in
            let lease = json["lease"]
            return "\(slot) is leased by \(lease?["holder"]?.string ?? "?") until"
                + " \(lease?["until"]?.string ?? "?")"
        }
    }
}

extension String {
    /// As a part of a path.
    fileprivate var escapedSegment: String { PrometheusClient.encoded(self) }
}

/// A rollout as text for people.
enum RolloutTable {
    private static let barWidth = 30

    /// What makes a line worth a new one: not that one more request came.
    static func step(_ rollout: JSON) -> String {
        ["position", "percent", "overdue", "trouble"].map { text(rollout[$0]) }.joined()
            + text(rollout["verdict"]?["verdict"])
    }

    /// All on one line.
    static func line(_ rollout: JSON) -> String {
        guard rollout["state"]?.string != "none" else { return "no rollout was started yet" }
        var parts = [
            "rollout \(text(rollout["number"])) of \(text(rollout["candidate"]))",
            text(rollout["position"]),
        ]
        if rollout["state"]?.string != "ended" {
            parts.append("\(text(rollout["percent"])) %")
            if let judged = rollout["judged"]?.string { parts.append(judged) }
        } else {
            parts.append(text(rollout["reason"]))
        }
        if rollout["overdue"]?.bool == true { parts.append("over its deadline") }
        if let trouble = rollout["trouble"]?.string { parts.append(trouble) }
        return parts.joined(separator: " · ")
    }

    /// The line, a bar, the counts and every check.
    static func text(_ rollout: JSON) -> String {
        guard rollout["state"]?.string != "none" else { return line(rollout) }
        let parts = [line(rollout).printable, bar(rollout), facts(rollout), checks(rollout)]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// The candidate's share of the traffic.
    private static func bar(_ rollout: JSON) -> String {
        let share = max(0, min(100, rollout["percent"]?.double ?? 0))
        let filled = Int((share / 100 * Double(barWidth)).rounded())
        let empty = String(repeating: ".", count: barWidth - filled)
        let full = String(repeating: "#", count: filled)
        return "[\(full)\(empty)] \(text(rollout["percent"])) %"
    }

    private static func facts(_ rollout: JSON) -> String {
        let seconds = (rollout["elapsed_ms"]?.double ?? 0) / 1_000
        return Table(
            rows: [
                ["started", "\(text(rollout["started"])) by \(text(rollout["actor"]))"],
                ["running for", "\(Int(seconds)) s"],
                ["why", text(rollout["reason"])],
                ["requests", "\(text(rollout["requests"])) since the traffic changed"],
                ["bad windows", text(rollout["bad_windows"])],
                ["failures that users saw", text(rollout["user_failures"])],
            ]
        ).text
    }

    private static func checks(_ rollout: JSON) -> String {
        let checks = rollout["verdict"]?["checks"]?.array ?? []
        guard !checks.isEmpty else { return "" }
        var rows = [["CHECK", "SERVICE", "ROUTE", "STATE", "VALUE", "REQUESTS", "LIMIT", "WHY"]]
        let names = [
            "check", "service", "route", "state", "value", "sample_size", "threshold", "reason",
        ]
        for check in checks { rows.append(names.map { text(check[$0]) }) }
        return Table(rows: rows).text
    }

    private static func text(_ value: JSON?) -> String {
        guard let value, !value.isNull else { return "-" }
        return value.string ?? value.line
    }
}
