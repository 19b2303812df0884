import FoundationEssentials
import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("Logs")
struct AccessLogTests {
    /// What a line of either log tells.
    struct Line: Decodable {
        var time: String
        var request_id: String
        var client: String
        var method: String
        var target: String?
        var status: Int
        var slot: String?
        var service: String?
        var endpoint: String?
        var attempts: Int?
        var duration_ms: Double?
        var bytes_in: Int?
        var bytes_out: Int?
        var reason: String?
    }

    private let folder: TemporaryFolder
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue")
    }

    /// The lines of a text that are JSON.
    private static func lines(_ text: String) throws -> [Line] {
        try text.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
    }

    private func waitForLines(_ count: Int, in name: String) throws -> [Line] {
        var lines: [Line] = []
        try eventually("\(count) lines in \(name)") {
            let text = folder.text(of: name) ?? ""
            guard text.hasSuffix("\n") else { return false }
            lines = try Self.lines(text)
            return lines.count >= count
        }
        return lines
    }

    @Test func `every exchange is a line of JSON with its outcome`() throws {
        // One worker: lines of several are in the order in which the writer finds them.
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.accessLog = Config.AccessLog(path: folder["access.log"])
            $0.workers = 1
        }
        let downstream = try proxy.connect()

        _ = try downstream.get("/a?b=\"\\c")
        _ = try downstream.exchange("PURGE /d HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try proxy.connect().exchange("bad\r\n\r\n")
        let lines = try waitForLines(3, in: "access.log")

        #expect(lines.count == 3)
        #expect(lines[0].target == "/a?b=\"\\c")
        #expect(lines.map(\.status) == [200, 200, 400])
        #expect(lines.map(\.slot) == ["blue", "blue", nil])
        #expect(lines[0].endpoint == origin.authority)
        #expect(lines[0].client == "127.0.0.1")
        #expect(lines[0].request_id == origin.requests[0]["X-Request-ID"])
        #expect(lines.allSatisfy { ($0.bytes_out ?? 0) > 0 && ($0.duration_ms ?? -1) >= 0 })
    }

    @Test func `an answer of the proxy's own says why, under the id that the user saw`() throws {
        var config = ConfigText(blue: origin)
        config.routes = #"[{ "path_prefix": "/api/", "service": "app" }]"#
        let process = try SwitchyardProcess(config, in: folder)

        let response = try process.connect().get("/elsewhere")
        let line = try process.child.waitForText("it says why") { text in
            try? Self.lines(text).first { $0.status == 404 }
        }

        #expect(response.text.contains(line.request_id))
        #expect(line.target == "/elsewhere")
        #expect(line.reason?.contains("route") == true)
    }

    @Test func `a log that was moved away is opened anew on SIGUSR1`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""access_log": { "path": "\#(folder["access.log"])" },"#
        let process = try SwitchyardProcess(config, in: folder)
        let downstream = try process.connect()

        _ = try downstream.get("/before")
        _ = try waitForLines(1, in: "access.log")
        _ = unsafe rename(folder["access.log"], folder["access.log.1"])
        process.child.send(SIGUSR1)
        try eventually("the log is opened anew") { folder.text(of: "access.log") != nil }
        _ = try downstream.get("/after")

        #expect(try waitForLines(1, in: "access.log").map(\.target) == ["/after"])
        #expect(try waitForLines(1, in: "access.log.1").map(\.target) == ["/before"])
    }

    /// What a level lets through: answers of 404 and 502, an endpoint that is well, and a switch.
    @Test(arguments: [
        ("error", [false, true, false]), ("warn", [true, true, false]),
        ("info", [true, true, true]),
    ])
    func `a level keeps what is less from the error log`(level: String, told: [Bool]) throws {
        let broken = try OriginServer("green") { $0.close() }
        var config = ConfigText(blue: origin, green: broken)
        config.routes = #"[{ "path_prefix": "/api/", "service": "app" }]"#
        config.more = #""error_log": { "level": "\#(level)" },"#
        let process = try SwitchyardProcess(config, in: folder)

        #expect(try process.connect().get("/elsewhere").status == 404)
        #expect(try process.connect().get("/api/x", "X-Slot: green").status == 502)
        // Told whatever the level, and after all the others by then.
        #expect(try process.admin("POST", "/switch/green").status == 200)
        try process.child.waitForText("the switch") {
            $0.contains(", generation 2, by") ? true : nil
        }
        try process.child.waitForText("the failure") { $0.contains("\"status\":502") ? true : nil }

        let text = process.child.errorText
        let signs = ["\"status\":404", "\"status\":502", "of app is healthy"]
        #expect(signs.map { text.contains($0) } == told, "\(text)")
    }
}
