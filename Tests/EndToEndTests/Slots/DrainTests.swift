import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("Drain and stop")
struct DrainTests {
    @Test func `a drain ends what runs, closes what is idle and refuses what is new`() throws {
        let answer = Gate()
        let origin = try OriginServer { exchange in
            if exchange.request.target == "/hold" { try answer.pass() }
            try exchange.respond(body: "whole")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let idle = try proxy.connect()
        let running = try proxy.connect()
        #expect(try idle.get("/").status == 200)
        try running.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        try origin.waitForRequests(2)

        let drain = Beside { proxy.server.drain() }
        try idle.expectEnd()
        try eventually("new connections are refused") {
            do {
                _ = try proxy.connect()
                return false
            } catch let failure as WireFailure where failure.isRefusal { return true }
        }
        #expect(!drain.hasEnded)
        answer.open()
        let response = try running.response()

        #expect(response.text == "whole")
        #expect(response.saysClose)
        try running.expectEnd()
        try drain.value()
    }

    @Test func `a download that runs ends whole during a drain`() throws {
        let body = SeededBody(seed: 31, count: 3_000_000)
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            try body.forEachPiece { try exchange.send($0) }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect(receiveBufferBytes: 16 * 1024)
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()

        let drain = Beside { proxy.server.drain() }
        var check = SeededBodyCheck(body)
        try downstream.readBody(of: head) { check.take($0) }

        #expect(check.isComplete)
        try drain.value()
    }

    @Test func `a drain ends at its limit, whatever still runs`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            exchange.waitForEnd()
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.drain = .milliseconds(300)
            $0.timeouts.streamDrain = .milliseconds(300)
        }
        let downstream = try proxy.connect()
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()

        let drain = Beside { proxy.server.drain() }
        try drain.value()

        expectBrokenOff { try downstream.readBody(of: head) { _ in } }
    }

    @Test func `a drain that has nothing to wait for ends at once`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let used = try proxy.connect()
        #expect(try used.get("/").status == 200)

        let start = ContinuousClock.now
        proxy.server.drain()

        #expect(start.duration(to: .now) < .seconds(10))
        try used.expectEnd()
    }

    @Test func `a stop closes everything at once`() throws {
        let origin = try OriginServer { $0.waitForEnd() }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try origin.waitForRequests(1)

        proxy.server.stop()

        expectBrokenOff { _ = try downstream.response() }
    }
}
