import Proxy
import TestSupport
import Testing

@Suite("Answers of the proxy's own")
struct ErrorStatusTests {
    private static func trust(_ config: inout Config) {
        config.forwarded.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap { $0 }
    }

    /// A proxy that shows the id a trusted client sends, so that a test can look for it.
    private static func proxy(
        _ origin: OriginServer,
        _ adjust: (inout Config) -> Void = { _ in }
    ) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: origin) { config in
            trust(&config)
            adjust(&config)
        }
    }

    /// Sends a request, and expects an error that closes the connection.
    private static func expectClosing(
        _ status: Int,
        _ request: String,
        at proxy: ProxyUnderTest,
        requestID: String? = nil
    ) throws {
        let downstream = try proxy.connect()
        try downstream.send(request)
        let response = try downstream.response()
        try expectError(response, status: status, requestID: requestID)
        #expect(response.saysClose)
        try downstream.expectEnd()
    }

    /// Sends a request, and expects an error that the connection outlives.
    private static func expectLasting(
        _ status: Int,
        _ request: String,
        at proxy: ProxyUnderTest,
        requestID: String? = nil
    ) throws {
        let downstream = try proxy.connect()
        for _ in 0..<2 {
            let response = try downstream.exchange(request)
            try expectError(response, status: status, requestID: requestID)
            #expect(!response.saysClose)
        }
    }

    // MARK: The request's fault

    @Test func `400 for what is no request`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin)

        try Self.expectClosing(400, "hello\r\n\r\n", at: proxy)
        // A TLS client that took the wrong port.
        try Self.expectClosing(400, "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", at: proxy)
        #expect(origin.requests.isEmpty)
    }

    @Test func `404 for what no route takes, on a connection that goes on`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) {
            $0.listeners[0].routes = [.init(path: .prefix("/api/"), service: 0)]
        }

        try Self.expectLasting(
            404,
            "GET /other HTTP/1.1\r\nHost: a\r\nX-Request-ID: trace-404\r\n\r\n",
            at: proxy,
            requestID: "trace-404"
        )
        #expect(try proxy.get("/api/x").status == 200)
    }

    @Test func `404 to a HEAD has no body`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) {
            $0.listeners[0].routes = [.init(path: .exact("/api"), service: 0)]
        }
        let downstream = try proxy.connect()

        let head = try downstream.exchange("HEAD /other HTTP/1.1\r\nHost: a\r\n\r\n")
        let get = try downstream.get("/api")

        #expect([head.status, get.status] == [404, 200])
    }

    @Test func `404 to a POST does not take its body for the next request`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) {
            $0.listeners[0].routes = [.init(path: .exact("/api"), service: 0)]
        }
        let downstream = try proxy.connect()
        let body = "GET /api HTTP/1.1\r\nHost: smuggled\r\n\r\n"

        try downstream.send(
            "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let response = try downstream.response(to: "POST")

        #expect(response.status == 404)
        if response.saysClose {
            try downstream.expectEnd()
        } else {
            #expect(try downstream.get("/api").status == 200)
        }
        #expect(origin.requests.allSatisfy { $0["Host"] != "smuggled" })
    }

    @Test func `408 for a head that does not come to its end`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) { $0.timeouts.requestHead = .milliseconds(200) }

        try Self.expectClosing(408, "GET / HTTP/1.1\r\nHost:", at: proxy)
    }

    @Test func `408 for a body that does not come to its end`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) { $0.timeouts.requestBody = .milliseconds(200) }

        try Self.expectClosing(
            408,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nX-Request-ID: trace-408\r\n\r\nhalf",
            at: proxy,
            requestID: "trace-408"
        )
        try eventually("the origin's connection is given up") { origin.connectionsOpen == 0 }
        #expect(origin.requests.allSatisfy { !$0.isComplete })
    }

    @Test func `a byte now and then does not prolong the time for a head`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) { $0.timeouts.requestHead = .milliseconds(400) }
        let downstream = try proxy.connect()
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")

        var bytes = 0
        while bytes < 100, !downstream.wire.awaitBytes(for: .milliseconds(50)) {
            try downstream.send("x")
            bytes += 1
        }

        #expect(bytes < 20)
        #expect(try downstream.response().status == 408)
    }

    @Test func `a slow answer to a body that is whole is waited for`() throws {
        let hold = Gate()
        let origin = try OriginServer { exchange in
            try exchange.body()
            try hold.pass()
            try exchange.respond()
        }
        let proxy = try Self.proxy(origin) { $0.timeouts.requestBody = .milliseconds(200) }
        let downstream = try proxy.connect()
        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        try origin.waitForRequests(1)
        try downstream.send("body")

        let isEarly = downstream.wire.awaitBytes(for: .milliseconds(600))
        hold.open()

        #expect(!isEarly)
        #expect(try downstream.response().status == 200)
    }

    @Test func `a connection without a request is closed without a word`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) {
            $0.timeouts.requestHead = .milliseconds(200)
            $0.timeouts.keepalive = .milliseconds(200)
        }
        let fresh = try proxy.connect()
        let used = try proxy.connect()

        let response = try used.get("/")

        #expect(response.status == 200)
        #expect(try used.bytesUntilEnd().isEmpty)
        #expect(try fresh.bytesUntilEnd().isEmpty)
    }

    @Test func `413 for a body above the limit, told by its length or counted`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) { $0.limits.bodyBytes = 10 }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nX-Request-ID: trace-413\r\n"

        try Self.expectClosing(
            413,
            head + "Content-Length: 11\r\n\r\n",
            at: proxy,
            requestID: "trace-413"
        )
        #expect(origin.requests.isEmpty)
        try Self.expectClosing(
            413,
            head + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n12345\r\n",
            at: proxy,
            requestID: "trace-413"
        )
        #expect(origin.requests.allSatisfy { !$0.isComplete })
        let allowed = try proxy.connect().exchange(head + "Content-Length: 10\r\n\r\n1234567890")
        #expect(allowed.status == 200)
    }

    @Test func `414 for a target above the limit, and none at it`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) { $0.limits.targetBytes = 100 }
        let longest = "/" + String(repeating: "x", count: 99)

        #expect(try proxy.get(longest).status == 200)
        try Self.expectClosing(414, "GET \(longest)x HTTP/1.1\r\nHost: a\r\n\r\n", at: proxy)
        // A target without end is refused before its head is there.
        try Self.expectClosing(
            414,
            "GET /" + String(repeating: "x", count: 70_000),
            at: try Self.proxy(origin)
        )
    }

    @Test func `417 for an expectation that nobody knows`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin)

        let response = try proxy.get("/", "Expect: coffee", "X-Request-ID: trace-417")

        try expectError(response, status: 417, requestID: "trace-417")
        #expect(origin.requests.isEmpty)
    }

    @Test func `431 for too many fields and for too large a head, and none at the limit`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin) {
            $0.limits.fields = 10
            $0.limits.headBytes = 1024
        }
        let nine = (0..<9).map { "X-\($0): 1\r\n" }.joined()
        let long = String(repeating: "x", count: 1100)

        let allowed = try proxy.connect().exchange("GET / HTTP/1.1\r\nHost: a\r\n\(nine)\r\n")
        #expect(allowed.status == 200)
        try Self.expectClosing(431, "GET / HTTP/1.1\r\nHost: a\r\n\(nine)X-A: 1\r\n\r\n", at: proxy)
        try Self.expectClosing(431, "GET / HTTP/1.1\r\nHost: a\r\nX-A: \(long)\r\n\r\n", at: proxy)
        // Without an end, too.
        try Self.expectClosing(431, "GET / HTTP/1.1\r\nHost: a\r\nX-A: \(long)", at: proxy)
        #expect(origin.requests.count == 1)
    }

    @Test func `501 for a transfer coding that nobody decodes`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin)

        try Self.expectClosing(
            501,
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            at: proxy
        )
        #expect(origin.requests.isEmpty)
    }

    @Test(arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/3.0"])
    func `505 for another major version`(version: String) throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(origin)

        try Self.expectClosing(505, "GET / \(version)\r\nHost: a\r\n\r\n", at: proxy)
    }

    // MARK: The upstream's fault

    @Test func `502 when nobody listens at the endpoint`() throws {
        let refusing = try RefusingPort()
        let proxy = try ProxyUnderTest(
            .forTests(blue: [.loopback(refusing.port)], green: [.loopback(refusing.port)])
                .with {
                    Self.trust(&$0)
                    $0.probe(.none)
                }
        )

        try Self.expectLasting(
            502,
            "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: trace-502\r\n\r\n",
            at: proxy,
            requestID: "trace-502"
        )
    }

    @Test func `503 when no endpoint is healthy`() throws {
        let origin = try OriginServer()
        origin.isHealthy = false
        let proxy = try Self.proxy(origin)
        try proxy.waitForHealth(.unhealthy, of: origin)

        try Self.expectLasting(
            503,
            "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: trace-503\r\n\r\n",
            at: proxy,
            requestID: "trace-503"
        )
        #expect(origin.requests.isEmpty)
    }

    @Test func `504 when the response does not begin in time`() throws {
        let origin = try OriginServer { $0.waitForEnd() }
        let proxy = try Self.proxy(origin) { $0.timeouts.responseHead = .milliseconds(200) }

        try Self.expectLasting(
            504,
            "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: trace-504\r\n\r\n",
            at: proxy,
            requestID: "trace-504"
        )
    }

    @Test func `504 when connecting takes too long`() throws {
        let hole = try BlackHole()
        let proxy = try ProxyUnderTest(
            .forTests(blue: [.loopback(hole.port)], green: [.loopback(hole.port)])
                .with {
                    Self.trust(&$0)
                    $0.probe(.none)
                    $0.timeouts.connect = .milliseconds(200)
                }
        )

        let response = try proxy.get("/", "X-Request-ID: trace-504")

        try expectError(response, status: 504, requestID: "trace-504")
    }
}
