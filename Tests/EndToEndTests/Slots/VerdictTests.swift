import CLinux
import Glibc
import Proxy
import Synchronization
import TestSupport
import Testing

@testable import Admin

@Suite("Verdict")
struct VerdictTests {
    private let blue: OriginServer
    private let green: OriginServer
    private let folder: TemporaryFolder

    init() throws {
        blue = try OriginServer("blue", LoadClients.answer)
        green = try OriginServer("green", LoadClients.answer)
        folder = try TemporaryFolder()
    }

    /// Waits for a verdict on green of that kind.
    private static func wait(for state: String, of process: SwitchyardProcess) throws -> JSON {
        var last = JSON.null
        do {
            try eventually("the verdict is \(state)") {
                let answer = try process.admin("GET", "/verdict?slot=green")
                last = try JSONParser.parse(Array(answer.text.utf8))
                return last["verdict"]?.string == state
            }
        } catch { throw TestFailure("\(error): \(last.line)") }
        return last
    }

    private static func check(_ name: String, in verdict: JSON) throws -> JSON {
        try #require(verdict["checks"]?.array?.first { $0["check"]?.string == name })
    }

    @Test func `a slot that fails one request in five fails, tried before it is live`() throws {
        let count = Atomic(0)
        green.behave { exchange in
            let number = count.wrappingAdd(1, ordering: .relaxed).newValue
            if number % 5 == 0 { return try exchange.respond("500 Internal Server Error") }
            try LoadClients.answer(exchange)
        }
        let process = try SwitchyardProcess(ConfigText(blue: blue, green: green), in: folder)

        let clients = LoadClients(2, port: process.port, fields: ["X-Slot: green"])
        let verdict = try Self.wait(for: "fail", of: process)
        _ = clients.stop()

        let check = try Self.check("error_rate", in: verdict)
        #expect(check["state"]?.string == "fail")
        #expect(check["service"]?.string == "app")
        #expect(try #require(check["lower_bound"]?.double) > 0.05)
        #expect(try #require(check["value"]?.double) > 0.1)
        #expect(try #require(check["sample_size"]?.double) > 10)
        #expect(check["threshold"]?.double == 0.05)
    }

    @Test func `what the safety net makes good fails the slot, and no user saw it`() throws {
        green.behave { try $0.respond("503 Service Unavailable") }
        var config = ConfigText(blue: blue, green: green)
        config.more = #""canary": {"percent": 50, "sticky": null},"#
        let process = try SwitchyardProcess(config, in: folder)

        let clients = LoadClients(2, port: process.port)
        _ = try Self.wait(for: "fail", of: process)
        _ = clients.stop()

        // Answers are counted a little after the attempts they came of.
        var slots: [JSON] = []
        try eventually("every failed attempt was made good") {
            slots = try Self.wait(for: "fail", of: process)["slots"]?.array ?? []
            let (canary, stable) = (slots[0], slots[1])
            return canary["attempts"]?["failed"]?.integer == canary["outcomes"]?["rescued"]?.integer
                && stable["attempts"]?["count"]?.integer == stable["outcomes"]?["answers"]?.integer
        }
        #expect(slots.map { $0["slot"]?.string } == ["green", "blue"])
        #expect(try #require(slots[0]["outcomes"]?["rescued"]?.integer) > 0)
        #expect(slots.map { $0["outcomes"]?["failed"]?.integer } == [0, 0])
        let output = try process.run("verdict", "green").output
        #expect(output.contains("SLOT   ATTEMPTS  FAILED  USERS SAW  FAILED  RESCUED"))
    }

    @Test func `a clean slot passes, and the command line says so by its exit code`() throws {
        var config = ConfigText(blue: blue, green: green)
        // How fast both are on this machine at this moment is not what is tested.
        config.more = #""judge": { "p95": "30s", "p95_floor": "10s" },"#
        let process = try SwitchyardProcess(config, in: folder)

        let clients = LoadClients(2, port: process.port, fields: ["X-Slot: green"])
        let others = LoadClients(1, port: process.port)
        let verdict = try Self.wait(for: "pass", of: process)
        _ = clients.stop()
        _ = others.stop()

        #expect(
            verdict["checks"]?.array?.compactMap { $0["check"]?.string } == [
                "availability", "error_rate", "error_rate_ratio", "latency_p95",
                "latency_p95_ratio",
            ]
        )
        #expect(try process.run("verdict", "green").ending == .exit(0))
    }

    @Test func `a slow slot fails by its p95 and not by its errors`() throws {
        green.behave { exchange in
            _ = poll(nil, 0, 400)
            try LoadClients.answer(exchange)
        }
        let process = try SwitchyardProcess(ConfigText(blue: blue, green: green), in: folder)

        let clients = LoadClients(8, port: process.port, fields: ["X-Slot: green"])
        let others = LoadClients(1, port: process.port)
        let verdict = try Self.wait(for: "fail", of: process)
        _ = clients.stop()
        _ = others.stop()

        #expect(try Self.check("latency_p95_ratio", in: verdict)["state"]?.string == "fail")
        #expect(try Self.check("error_rate", in: verdict)["state"]?.string != "fail")
        let (ending, output) = try process.run("verdict")
        #expect(ending == .exit(1))
        #expect(output.contains("green: FAIL"))
    }

    @Test func `a failed health check fails the slot`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: blue, green: green), in: folder)

        green.isHealthy = false
        let verdict = try Self.wait(for: "fail", of: process)

        #expect(try Self.check("availability", in: verdict)["state"]?.string == "fail")
    }

    @Test func `without traffic the judge has nothing to say`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: blue, green: green), in: folder)

        let verdict = try Self.wait(for: "inconclusive", of: process)

        #expect(verdict["attempts"]?.integer == 0)
        #expect(try Self.check("error_rate", in: verdict)["value"]?.isNull == true)
    }
}
