import Proxy
import TestSupport
import Testing

@Suite("Heads on their way through")
struct HeadRewritingTests {
    /// Fields that the proxy sets in every request.
    private static let ours: Set = [
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id",
    ]

    /// The lines of a head but those that the proxy sets, exactly as they stood on the wire.
    private static func passedLines(_ head: MessageHead) -> [[UInt8]] {
        head.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
            .filter { line in
                let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
                return !ours.contains(name.lowercased())
            }
    }

    private static func trust(_ config: inout Config) {
        config.forwarded.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap { $0 }
    }

    // MARK: What passes

    @Test func `a request passes byte for byte and in order`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        let lines = [
            "GET /a%2Fb/..//c;p=1?x=%20&y=~!$'()*+, HTTP/1.1",
            "hOsT: Test.Example:8080", "Accept:text/html", "accept:   spaced \t",
            "X-Empty:", "Cookie: a=1; b=\"two\"", "Cookie: c=3", "Content-Length: 3",
            "x_underscore: kept", "X-Bytes: \u{E9}\u{1F600}", "User-Agent: t/1 (x; y)",
        ]
        let head = lines.map { $0 + "\r\n" }.joined() + "\r\n"

        try downstream.send(head + "abc")
        let response = try downstream.response()

        #expect(response.status == 200)
        let received = try origin.onlyRequest()
        let sent = Array(head.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(Self.passedLines(received.head) == sent.map(Array.init))
    }

    @Test func `a response passes byte for byte and in order`() throws {
        let head = """
            HTTP/1.1 299 Some \u{E9}xotic  Reason\r
            sErVeR: o\r
            Set-Cookie: a=1\r
            Date: Thu, 01 Jan 1970 00:00:00 GMT\r
            X-Empty:\r
            Set-Cookie: b=2\r
            Content-Length: 2\r
            X-Spaced:   kept  \r
            Via: 1.1 inner\r
            \r\n
            """
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send(head + "ok")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        #expect(response.head.bytes == Array(head.utf8))
    }

    // MARK: What does not pass

    @Test func `hop-by-hop fields of a request end here`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        _ = try proxy.get(
            "/",
            "Keep-Alive: timeout=5",
            "Connection: keep-alive, X-Secret",
            "X-Secret: 1",
            "connection: x-other",
            "X-Other: 2",
            "Proxy-Connection: keep-alive",
            "TE: trailers",
            "Upgrade: h2c",
            "X-Kept: 3"
        )

        let request = try origin.onlyRequest()
        let names = Set(request.head.fields.map { $0.name.lowercased() })
        let gone = [
            "keep-alive", "x-secret", "x-other", "proxy-connection", "te", "upgrade",
        ]
        #expect(names.isDisjoint(with: gone))
        #expect(Set(request.head.members("Connection")).isDisjoint(with: gone))
        #expect(request["X-Kept"] == "3")
    }

    @Test func `hop-by-hop fields of a response end here`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send(
                """
                HTTP/1.1 200 OK\r
                Connection: keep-alive, X-Secret\r
                Keep-Alive: timeout=5\r
                X-Secret: 1\r
                Proxy-Connection: keep-alive\r
                Upgrade: h2c\r
                X-Kept: 3\r
                Content-Length: 0\r
                \r\n
                """
            )
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        let names = Set(response.head.fields.map { $0.name.lowercased() })
        let gone = ["keep-alive", "x-secret", "proxy-connection", "upgrade"]
        #expect(names.isDisjoint(with: gone))
        #expect(!response.head.members("Connection").contains("x-secret"))
        #expect(response["X-Kept"] == "3")
    }

    @Test(
        arguments: [
            "Content-Length", "Host", "Transfer-Encoding", "X-Forwarded-For", "X-Forwarded-Proto",
            "x-forwarded-host", "close, X-Forwarded-For",
        ]
    )
    func `Connection cannot name a field away that others rely on`(options: String) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let framing =
            options == "Transfer-Encoding"
            ? "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            : "Content-Length: 3\r\n\r\nabc"

        let response = try proxy.connect().exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: \(options)\r\n\(framing)"
        )

        // RFC 9110 §7.6.1 forbids such a request; whoever sends it wants two readings.
        try expectError(response, status: 400)
        #expect(origin.requests.isEmpty)
    }

    // MARK: Forwarded fields

    @Test func `what an untrusted client says about itself is replaced`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        _ = try proxy.get(
            "/",
            "X-Forwarded-For: 10.1.1.1",
            "x-forwarded-for: 10.2.2.2",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil.example",
            "X-Request-ID: mine"
        )

        let head = try origin.onlyRequest().head
        #expect(head.values("X-Forwarded-For") == ["127.0.0.1"])
        #expect(head.values("X-Forwarded-Proto") == ["http"])
        #expect(head.values("X-Forwarded-Host") == ["test.example"])
        #expect(head.values("X-Request-ID").count == 1)
        #expect(head["X-Request-ID"] != "mine")
    }

    @Test func `what a trusted proxy says about the client is kept and carried on`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin, green: nil, Self.trust)

        _ = try proxy.get(
            "/",
            "X-Forwarded-For: 10.1.1.1",
            "X-Forwarded-For: 10.2.2.2",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: shop.example",
            "X-Request-ID: theirs-1"
        )

        let head = try origin.onlyRequest().head
        #expect(head.members("X-Forwarded-For") == ["10.1.1.1", "10.2.2.2", "127.0.0.1"])
        #expect(head.values("X-Forwarded-Proto") == ["https"])
        #expect(head.values("X-Forwarded-Host") == ["shop.example"])
        #expect(head.values("X-Request-ID") == ["theirs-1"])
    }

    @Test func `what a trusted proxy leaves out is set`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin, green: nil, Self.trust)

        _ = try proxy.get()

        let head = try origin.onlyRequest().head
        #expect(head.values("X-Forwarded-For") == ["127.0.0.1"])
        #expect(head.values("X-Forwarded-Proto") == ["http"])
        #expect(head.values("X-Forwarded-Host") == ["test.example"])
        #expect(head.values("X-Request-ID").count == 1)
    }

    @Test func `every request gets an id of its own under the configured name`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { $0.forwarded.requestID = "X-Trace" }
        let downstream = try proxy.connect()

        for _ in 0..<20 { _ = try downstream.get("/") }

        let identifiers = origin.requests.compactMap { $0["X-Trace"] }
        #expect(identifiers.count == 20)
        #expect(Set(identifiers).count == 20)
        #expect(identifiers.allSatisfy { $0.utf8.count >= 16 })
        #expect(origin.requests.allSatisfy { $0["X-Request-ID"] == nil })
    }
}
