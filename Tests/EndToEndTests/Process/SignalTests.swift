import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Signals")
struct SignalTests {
    private let folder: TemporaryFolder
    private let rest = Gate()
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue") { [rest] exchange in
            if exchange.request.target != "/long" { return try exchange.respond() }
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
            try rest.pass()
            try exchange.send("rest")
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal lets a download end and then the program, with 0`(signal: Int32) throws {
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        let downstream = try process.connect()
        try downstream.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()

        process.child.send(signal)
        try eventually("new connections are refused") {
            do {
                _ = try process.connect()
                return false
            } catch let failure as WireFailure where failure.isRefusal { return true }
        }
        rest.open()
        var body: [UInt8] = []
        try downstream.readBody(of: head) { body += $0 }

        #expect(body == Array("firstrest".utf8))
        #expect(try process.child.waitForEnd() == .exit(0), "\(process.child.errorText)")
    }

    @Test func `a second signal ends the program at once`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""timeouts": { "drain": "10m", "stream_drain": "10m" },"#
        let process = try SwitchyardProcess(config, in: folder)
        let downstream = try process.connect()
        try downstream.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()

        process.child.send(SIGTERM)
        try eventually("it stops accepting") { (try? process.connect()) == nil }
        #expect(!process.child.hasEnded)
        process.child.send(SIGTERM)

        _ = try process.child.waitForEnd()
        expectBrokenOff { try downstream.readBody(of: head) { _ in } }
        rest.open()
    }

    @Test func `an idle program ends with 0`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        let idle = try process.connect()
        #expect(try idle.get("/").status == 200)

        process.child.send(SIGTERM)

        #expect(try process.child.waitForEnd() == .exit(0), "\(process.child.errorText)")
        try idle.expectEnd()
    }

    @Test func `SIGHUP applies a changed configuration, and keeps connections`() throws {
        var config = ConfigText(blue: origin)
        let process = try SwitchyardProcess(config, in: folder)
        let downstream = try process.connect()
        #expect(try downstream.get("/old").status == 200)

        config.routes = #"[{ "path_prefix": "/new", "service": "app" }]"#
        try folder.write(config.json, to: "proxy.json")
        process.child.send(SIGHUP)

        try eventually("the new routes hold") { try downstream.get("/old").status == 404 }
        #expect(try downstream.get("/new").status == 200)
    }

    @Test func `SIGHUP with a bad configuration changes nothing`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)

        try folder.write("{ \"listeners\": 7 }", to: "proxy.json")
        process.child.send(SIGHUP)
        try process.child.waitForText("it says what is wrong") {
            $0.contains("listeners") ? true : nil
        }

        #expect(try process.servingSlot() == "blue")
        #expect(!process.child.hasEnded)
    }

    // How a check in optimised code fails, on one processor or another.
    @Test(arguments: [SIGILL, SIGTRAP])
    func `a crash says why, and its status is not 0`(signal: Int32) throws {
        // The toolchain's backtracer would report instead, where it is installed.
        let process = try SwitchyardProcess(
            ConfigText(blue: origin),
            in: folder,
            environment: ["SWIFT_BACKTRACE": "enable=no"]
        )

        process.child.send(signal)

        #expect(try process.child.waitForEnd() == .signal(signal))
        let reports = process.child.errorText.split(separator: "\n").filter {
            $0.hasPrefix("switchyard: crashed by ")
        }
        #expect(reports.count == 1, "\(process.child.errorText)")
    }
}
