import Proxy
import TestSupport
import Testing

@Suite("Malformed responses")
struct MalformedResponseTests {
    static let malformed =
        ([
            "hello||", "|HTTP/1.1 200 OK|Content-Length: 0||",
            "HTTP/2.0 200 OK|Content-Length: 0||", "HTTP/1.1 20 OK|Content-Length: 0||",
            "HTTP/1.1 2000 OK|Content-Length: 0||", "HTTP/1.1 099 No|Content-Length: 0||",
            "HTTP/1.1 abc OK|Content-Length: 0||", "HTTP/1.1|Content-Length: 0||",
            "http/1.1 200 OK|Content-Length: 0||", "HTTP/1.1  200 OK|Content-Length: 0||",
            "HTTP/1.1 200 OK|Content-Length: 3|Transfer-Encoding: chunked||0||",
            "HTTP/1.1 200 OK|Content-Length: 3|Content-Length: 4||abcd",
            "HTTP/1.1 200 OK|Content-Length: 3, 4||abcd",
            "HTTP/1.1 200 OK|Content-Length: -3||abc", "HTTP/1.1 200 OK|Content-Length: x||abc",
            "HTTP/1.1 200 OK|Content-Length: 99999999999999999999999||abc",
            "HTTP/1.1 200 OK|Transfer-Encoding: gzip||abc",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked, gzip||0||",
            "HTTP/1.1 200 OK|X-Folded: one| two|Content-Length: 0||",
            "HTTP/1.1 200 OK|Content-Length : 0||", "HTTP/1.1 200 OK|no colon||",
            "HTTP/1.1 200 OK|: no name||", "HTTP/1.1 200 OK|X-A: \u{0}||",
            "HTTP/1.1 101 Switching Protocols|Connection: Upgrade|Upgrade: websocket||",
        ].map { $0.replacing("|", with: "\r\n") }
        + [
            "HTTP/1.1 200 OK\r\nX-A: 1\r2\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\nX-B: 2\r\n\r\n", "",
            "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nX-Long: \(String(repeating: "x", count: 300_000))\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\(String(repeating: "A: b\r\n", count: 20_000))\r\n",
        ]).map { RawMessage($0) }

    @Test(arguments: malformed)
    func `a malformed response is answered with 502`(raw: RawMessage) throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send(raw.text)
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        try expectError(response, status: 502)
    }

    @Test(
        arguments: ["x\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n"].map {
            RawMessage($0)
        }
    )
    func `a response with a bad chunk is broken off`(body: RawMessage) throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try exchange.send("2\r\nok\r\n" + body.text)
        }
        let proxy = try ProxyUnderTest(blue: origin)

        expectBrokenOff {
            let response = try proxy.get()
            // The whole response may have been bad before a byte of it was passed on.
            if response.status == 502 { throw WireFailure.closedEarly(after: "502") }
        }
    }

    @Test func `bytes behind a response are not taken for the next one`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
            )
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let texts = try (0..<10).map { _ in try downstream.get("/").text }

        #expect(texts == Array(repeating: "good", count: 10))
    }

    @Test func `a response that nobody asked for is not given to the next request`() throws {
        let origin = try OriginServer()
        let idle = Monitor<Wire?>(nil)
        origin.behave { exchange in
            if exchange.request.target == "/first" { idle.use { $0 = exchange.wire } }
            try exchange.respond(body: "good")
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        _ = try downstream.get("/first")
        let wire = try idle.wait(for: "the pooled connection") { $0 }
        try wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        let texts = try (0..<5).map { _ in try downstream.get("/next").text }

        #expect(texts == Array(repeating: "good", count: 5))
    }

    @Test func `a HEAD response with a body does not shift the next response`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let head = try downstream.exchange("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        let get = try downstream.get("/")

        #expect(head.status == 200)
        #expect(get.text == "body")
    }
}

/// Expects that `body` throws because a message was broken off, and not for another reason.
func expectBrokenOff(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("the message ended as if it were whole", sourceLocation: sourceLocation)
    } catch let failure as WireFailure where failure.isBrokenOff {
        return
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
