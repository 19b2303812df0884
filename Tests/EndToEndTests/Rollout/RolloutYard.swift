import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

/// The program with two slots and a plan for rollouts, and what tests ask of it.
final class RolloutYard: Sendable {
    let folder: TemporaryFolder
    let blue: OriginServer
    let green: OriginServer
    private let config: ConfigText
    private let running: Monitor<SwitchyardProcess>

    var process: SwitchyardProcess { running.current }

    /// With `plan`, the members of the key `rollout`.
    init(_ plan: String) throws {
        folder = try TemporaryFolder()
        blue = try OriginServer("blue")
        green = try OriginServer("green")
        var config = ConfigText(blue: blue, green: green)
        config.keepState(in: folder)
        config.more = #""canary": {"sticky": null}, "rollout": {\#(plan)},"#
        self.config = config
        running = Monitor(try SwitchyardProcess(config, in: folder))
    }

    /// Ends the program at once and starts it again.
    func killAndRestart() throws {
        process.child.send(SIGKILL)
        _ = try process.child.waitForEnd()
        try restart()
    }

    /// Starts the program again, once it has ended.
    func restart() throws {
        let next = try SwitchyardProcess(config, in: folder)
        running.use { $0 = next }
    }

    /// Lets `percent` of a slot's answers fail, spread evenly.
    func fail(
        _ origin: OriginServer,
        percent: Int,
        status: String = "500 Internal Server Error"
    ) {
        let due = Monitor(0)
        origin.behave { exchange in
            let fails = due.use { due in
                due += percent
                guard due >= 100 else { return false }
                due -= 100
                return true
            }
            try exchange.respond(fails ? status : "200 OK", body: "x")
        }
    }

    func ask(_ method: String, _ path: String, _ body: String = "") throws -> JSON {
        let answer = try process.admin(method, path, body: body)
        guard answer.status == 200 else {
            throw TestFailure("\(method) \(path): \(answer.status) \(answer.text)")
        }
        return try JSONParser.parse(Array(answer.text.utf8))
    }

    func rollout() throws -> JSON { try process.rollout() }

    @discardableResult
    func wait(for state: String, step: Int? = nil) throws -> JSON {
        try process.waitForRollout(state, step: step)
    }

    /// Actions of the history with the percentage after each, from the rollout's start on.
    func course() throws -> [String] {
        let history = try ask("GET", "/history")["history"]?.array ?? []
        let ours = history.drop { $0["action"]?.string != "rollout" }
        return ours.filter { $0["action"]?.string != "start" }.map { entry in
            let percent = entry["percent"].map { $0.isNull ? "" : " \($0.line)" } ?? ""
            return (entry["action"]?.string ?? "") + percent
        }
    }

    /// Changes since the program's start as it tells them itself, up to the first such action.
    func changes(through action: String) throws -> [JSON] {
        let stream = try RawDownstream(port: process.adminPort)
        // An identifier of another start: all that is kept is new.
        try stream.send(
            "GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(process.adminPort)\r\n"
                + "Last-Event-ID: 0-0\r\n\r\n"
        )
        _ = try stream.responseHead()
        var changes: [JSON] = []
        var (line, kind): ([UInt8], String) = ([], "")
        while changes.last?["action"]?.string != action {
            let byte = try stream.bytes(1)[0]
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            line = []
            if text.hasPrefix("event: ") { kind = String(text.dropFirst(7)) }
            guard text.hasPrefix("data: "), kind == "change" else { continue }
            changes.append(try JSONParser.parse(Array(text.dropFirst(6).utf8)))
        }
        return changes
    }

    /// Seconds from the last moment at which the evidence for a change did not suffice to the one
    /// at which every worker had taken it, both told by the program.
    func reaction(_ change: JSON) throws -> Double {
        let undecided = try Self.seconds(change["figures"]?["undecided_at"])
        let inForce = try Self.seconds(change["in_force"])
        // Midnight may lie between.
        return inForce < undecided ? inForce + 86_400 - undecided : inForce - undecided
    }

    /// The time of the day in a time stamp.
    private static func seconds(_ time: JSON?) throws -> Double {
        guard let text = time?.string, let match = text.firstMatch(of: /T(\d+):(\d+):([\d.]+)Z/),
            let hours = Double(match.1), let minutes = Double(match.2), let rest = Double(match.3)
        else { throw TestFailure("no time: \(time?.line ?? "nothing")") }
        return hours * 3_600 + minutes * 60 + rest
    }

    var activeSlot: String {
        get throws { try process.admin("GET", "/active-slot").text }
    }
}
