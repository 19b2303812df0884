import Demo
import Proxy
import TestSupport

@testable import Admin

/// The program in front of the demo's origins, whose knobs a test turns while it runs.
final class DemoYard {
    let process: SwitchyardProcess
    private let folder: TemporaryFolder
    private let origins: DemoOrigins
    private let ports: [UInt16]

    /// With `plan`, the members of the key `rollout`, and a window whose newest part is a second.
    init(_ plan: String) throws {
        folder = try TemporaryFolder()
        var (found, ports): (DemoOrigins?, [UInt16]) = (nil, [])
        var text = ConfigText(blue: "", green: "")
        text.more = #"""
            "canary": {"sticky": null}, "judge": {"window": "6s"}, "rollout": {\#(plan)},
            """#
        while found == nil {
            // Below those that the system gives to connections.
            ports = (0..<2).map { _ in UInt16.random(in: 10_000..<32_000) }
            (text.blue, text.green) = ("127.0.0.1:\(ports[0])", "127.0.0.1:\(ports[1])")
            let config = try Config.load(path: try folder.write(text.json, to: "demo.json"))
            // Another program may have the port.
            found = try? DemoOrigins(config: config)
        }
        guard let origins = found else { throw TestFailure("no port is free") }
        origins.start()
        (self.origins, self.ports) = (origins, ports)
        process = try SwitchyardProcess(text, in: folder)
    }

    deinit { origins.stop() }

    /// Turns knobs of the candidate.
    func turn(_ knobs: String) throws {
        let answer = try RawDownstream(port: ports[1]).exchange(
            "POST /knobs HTTP/1.1\r\nHost: knobs\r\nContent-Length: \(knobs.utf8.count)\r\n\r\n"
                + knobs
        )
        guard answer.status == 200 else { throw TestFailure("\(knobs): \(answer.text)") }
    }

    func rollout() throws -> JSON { try process.rollout() }

    func wait(for state: String, step: Int? = nil) throws {
        try process.waitForRollout(state, step: step)
    }
}
