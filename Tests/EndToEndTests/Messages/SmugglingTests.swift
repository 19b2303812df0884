import Proxy
import TestSupport
import Testing

/// The known families of request smuggling, each in the form that has fooled somebody.
///
/// The origin records what it got: nothing of a refused message may be in it, and what passes has
/// to be there byte for byte.
@Suite("Request smuggling")
struct SmugglingTests {
    /// What an attacker wants an origin to take for a request of its own.
    private static let prize = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func request(_ fields: [String], _ body: String, method: String = "POST")
        -> String
    {
        "\(method) /x HTTP/1.1\r\nHost: a\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    /// Sends `message`, expects a refusal and the end, and that the origin saw no whole request.
    private func expectRefusal(
        _ message: String,
        status: Int = 400,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(message)
        let response = try downstream.response(to: "POST")

        try expectError(response, status: status, sourceLocation: sourceLocation)
        #expect(response.saysClose, sourceLocation: sourceLocation)
        try downstream.expectEnd()
        let whole = origin.requests.filter { $0.isComplete || $0.target != "/x" }
        #expect(whole.isEmpty, "\(whole)", sourceLocation: sourceLocation)
        #expect(origin.violations.isEmpty, sourceLocation: sourceLocation)
    }

    /// Sends `message`, and answers what the origin got once `count` requests were answered.
    private func received(_ message: String, count: Int) throws -> [OriginRequest] {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(message)
        for _ in 0..<count { #expect(try downstream.response(to: "POST").status == 200) }
        downstream.finishSending()
        try downstream.expectEnd()

        #expect(origin.violations.isEmpty)
        return origin.requests
    }

    // MARK: Lengths that contradict each other

    @Test func `CL_TE: a length before a coding is refused`() throws {
        try expectRefusal(
            Self.request(
                ["Content-Length: \(5 + Self.prize.utf8.count)", "Transfer-Encoding: chunked"],
                "0\r\n\r\n" + Self.prize
            )
        )
    }

    @Test func `TE_CL: a coding before a length is refused`() throws {
        let size = String(Self.prize.utf8.count, radix: 16)
        try expectRefusal(
            Self.request(
                ["Transfer-Encoding: chunked", "Content-Length: 4"],
                "\(size)\r\n\(Self.prize)\r\n0\r\n\r\n"
            )
        )
    }

    @Test func `CL_CL: two lengths are refused, equal ones too`() throws {
        for second in ["7", "0", "07"] {
            try expectRefusal(
                Self.request(["Content-Length: 7", "Content-Length: \(second)"], "1234567")
            )
        }
    }

    @Test(
        arguments: [
            ["Transfer-Encoding: chunked", "Transfer-Encoding: x"],
            ["Transfer-Encoding: chunked", "transfer-encoding: identity"],
            ["Transfer-Encoding:\u{B}chunked"], ["Transfer-Encoding: chunked\u{C}"],
            ["Transfer-Encoding: \"chunked\""], ["Transfer-Encoding: chunked, identity"],
            ["Transfer-Encoding: identity, chunked, identity"], ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding : chunked"], [" Transfer-Encoding: chunked"],
            ["X: y\n\rTransfer-Encoding: chunked"], ["Transfer-Encoding\u{0}: chunked"],
            ["X: y\nTransfer-Encoding: chunked"], ["Transfer-Encoding:", " chunked"],
        ].map { RawMessage($0.joined(separator: "\r\n")) }
    )
    func `TE_TE: a coding in disguise is refused`(fields: RawMessage) throws {
        try expectRefusal(Self.request([fields.text], "0\r\n\r\n" + Self.prize))
    }

    @Test func `CL_0: a body is never left for the next request`() throws {
        // The origin would have to ignore the length; it gets every byte inside the body.
        let requests = try received(
            Self.request(["Content-Length: \(Self.prize.utf8.count)"], Self.prize)
                + Self.request([], "", method: "GET"),
            count: 2
        )

        #expect(requests.map(\.target) == ["/x", "/x"])
        #expect(requests.map(\.method) == ["POST", "GET"])
        #expect(requests[0].body == Array(Self.prize.utf8))
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "OPTIONS"])
    func `CL_0: a body of a method that seldom has one arrives framed`(method: String) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            Self.request(
                ["Content-Length: \(Self.prize.utf8.count)"],
                Self.prize,
                method: method
            )
        )
        _ = try downstream.response(to: method)

        let request = try origin.onlyRequest()
        #expect(request.framing == .length(Self.prize.utf8.count))
        #expect(request.body == Array(Self.prize.utf8))
        #expect(origin.violations.isEmpty)
    }

    @Test func `TE_0: a chunked body of a GET arrives in its chunks`() throws {
        let size = String(Self.prize.utf8.count, radix: 16)
        let body = "\(size)\r\n\(Self.prize)\r\n0\r\n\r\n"

        let requests = try received(
            Self.request(["Transfer-Encoding: chunked"], body, method: "GET"),
            count: 1
        )

        #expect(requests.count == 1)
        #expect(requests.first?.bodyOnWire == Array(body.utf8))
    }

    @Test func `TE_0: HTTP 1_0 with a coding is refused`() throws {
        try expectRefusal(
            "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                + Self.prize
        )
    }

    @Test func `a TRACE with a body is refused`() throws {
        try expectRefusal(
            Self.request(["Content-Length: 3"], "abc" + Self.prize, method: "TRACE")
        )
    }

    // MARK: Chunks

    @Test(
        arguments: [
            "2;\nxx\r\n49\r\nabc\r\n0\r\n\r\n", "1;a=\"\n\"\r\nx\r\n0\r\n\r\n",
            "1 ;a\r\nx\r\n0\r\n\r\n", "1;a\rx\r\nx\r\n0\r\n\r\n", "1;\u{0}\r\nx\r\n0\r\n\r\n",
        ].map { RawMessage($0) }
    )
    func `chunk extension: one that hides a line break is refused`(body: RawMessage) throws {
        try expectRefusal(
            Self.request(["Transfer-Encoding: chunked"], body.text + Self.prize)
        )
    }

    @Test func `chunk extension: one without controls passes inside its chunk`() throws {
        let body = "3;a=\"b;c\"\r\nabc\r\n0;last\r\n\r\n"

        let requests = try received(Self.request(["Transfer-Encoding: chunked"], body), count: 1)

        #expect(requests.first?.bodyOnWire == Array(body.utf8))
    }

    @Test(
        arguments: [
            "0x1\r\nx\r\n0\r\n\r\n", "1_0\r\nx\r\n0\r\n\r\n", "+1\r\nx\r\n0\r\n\r\n",
            "1\r\nx\n0\r\n\r\n", "1\r\nx0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n",
            "0\r\n\n", "0\n\r\n", "100000000000000001\r\nx\r\n0\r\n\r\n",
            "\u{FF11}\r\nx\r\n0\r\n\r\n", "1\r\r\nx\r\n0\r\n\r\n",
        ].map { RawMessage($0) }
    )
    func `chunk size: a number that somebody else may read otherwise is refused`(
        body: RawMessage
    ) throws {
        try expectRefusal(
            Self.request(["Transfer-Encoding: chunked"], body.text + Self.prize)
        )
    }

    // MARK: Lines and names

    @Test(
        arguments: [
            "POST /x HTTP/1.1\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\nContent-Length: 0\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nX: y\n\r\nContent-Length: 0\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 9\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\n\n",
        ].map { RawMessage($0) }
    )
    func `bare LF: half a line break is refused`(head: RawMessage) throws {
        try expectRefusal(head.text + Self.prize)
    }

    @Test(
        arguments: [
            "Content-Length : 5", "Content-Length\t: 5", "Content\u{0}-Length: 5",
            "Content-Length\u{A0}: 5", "(Content-Length): 5", "Content Length: 5", ": 5",
            "\u{212A}: 5", "Content-Length",
        ]
    )
    func `name normalisation: a name that is no token is refused`(line: String) throws {
        try expectRefusal(Self.request([line, "Content-Length: 0"], Self.prize))
    }

    @Test(
        arguments: [
            "Content_Length: 5", "Transfer_Encoding: chunked", "content_length: 0",
            "X_Forwarded_For: 1.2.3.4", "X-Forwarded_Host: evil", "x_real_ip: 1.2.3.4",
        ]
    )
    func `underscores: a steering name with one is refused`(line: String) throws {
        try expectRefusal(Self.request([line, "Content-Length: 0"], Self.prize))
    }

    // MARK: What rides along

    @Test(
        arguments: [
            "Content-Length: 0", "Transfer-Encoding: chunked", "Host: evil", "Connection: close",
            "X-Forwarded-For: 1.2.3.4", "Authorization: Basic eA==", "Cookie: a=b",
            "Content_Length: 0", "Expect: 100-continue", "Upgrade: h2c", "TE: trailers",
        ]
    )
    func `trailers: one that names a field of the head is refused`(line: String) throws {
        try expectRefusal(
            Self.request(
                ["Transfer-Encoding: chunked"],
                "1\r\nx\r\n0\r\n\(line)\r\n\r\n" + Self.prize
            )
        )
    }

    /// Applications take them for fields of the request, of the next one, or for a request.
    @Test(
        arguments: [
            "X-HTTP-Method-Override: DELETE", "GET: /admin HTTP/1.1", "X-User: admin",
            "X-Request-ID: T", "A: b\r\nB: c", "",
        ]
    )
    func `trailers: none of them reaches the endpoint`(lines: String) throws {
        let body = "1\r\nx\r\n0\r\n"
        let section = lines.isEmpty ? "\r\n" : lines + "\r\n\r\n"

        let requests = try received(
            Self.request(["Transfer-Encoding: chunked"], body + section),
            count: 1
        )

        #expect(requests.first?.method == "POST")
        #expect(requests.first?.bodyOnWire == Array((body + "\r\n").utf8))
    }

    @Test(arguments: ["get", "Head", "pOST", "connect", "CONNECt", "options", "Trace", "delete"])
    func `method case: a known method in another case is refused`(method: String) throws {
        try expectRefusal(
            "\(method) /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + Self.prize
        )
    }

    @Test(arguments: ["X_Request_ID", "x-request_id", "X_REQUEST-ID"])
    func `underscores: what an application takes for the request id does not arrive`(
        name: String
    ) throws {
        let requests = try received(
            Self.request(["\(name): mine", "Content-Length: 0"], ""),
            count: 1
        )

        let head = try #require(requests.first).head
        #expect(head.values(name) == [])
        #expect(head.values("X-Request-ID").count == 1)
        #expect(head.values("X-Request-ID") != ["mine"])
    }

    @Test(
        arguments: [
            "Content-Length", "Transfer-Encoding", "Host", "X-Forwarded-For", "Cookie",
            "Authorization", "close, content-length", "x-real-ip", "Expect", "Forwarded",
        ]
    )
    func `hop by hop: Connection cannot name away what others rely on`(options: String) throws {
        try expectRefusal(
            Self.request(["Connection: \(options)", "Content-Length: 0"], Self.prize)
        )
    }

    @Test func `hop by hop: a field that Connection names does not arrive`() throws {
        let requests = try received(
            Self.request(
                ["Connection: X-Admin", "X-Admin: 1", "x-admin: 2", "Content-Length: 0"],
                ""
            ),
            count: 1
        )

        #expect(requests.first?.head.values("X-Admin") == [])
        #expect(requests.first?.head.values("Connection") == [])
    }

    @Test(arguments: ["h2c", "websocket, h2c", "HTTP/2.0", "TLS/1.2"])
    func `upgrade: a protocol that carries requests of its own is not passed on by chance`(
        upgrade: String
    ) throws {
        // Without `Connection: Upgrade` it is meant for nobody, and with a body it never passes.
        let requests = try received(
            Self.request(["Upgrade: \(upgrade)", "Content-Length: 2"], "hi"),
            count: 1
        )

        #expect(requests.first?["Upgrade"] == nil)
        #expect(requests.first?.body == Array("hi".utf8))
    }

    @Test func `absolute form: the target's host is the only one that arrives`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        _ = try proxy.connect().exchange(
            "GET http://shop.example/x HTTP/1.1\r\nHost: evil.example\r\n\r\n"
        )

        let request = try origin.onlyRequest()
        #expect(request.head.values("Host") == ["shop.example"])
        #expect(request.head.values("X-Forwarded-Host") == ["shop.example"])
    }

    @Test func `pipelining: bytes behind a refused message are nobody's request`() throws {
        try expectRefusal(Self.request(["Content-Length: x"], Self.prize + Self.prize))
    }

    // MARK: Responses

    @Test func `response splitting: a second response is not given to the next request`() throws {
        let origin = try OriginServer { exchange in
            if exchange.request.target == "/split" {
                try exchange.body()
                return try exchange.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
                )
            }
            try exchange.respond(body: "honest")
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        let responses = try ["/split", "/", "/"].map { try downstream.get($0).text }

        #expect(responses == ["ok", "honest", "honest"])
    }
}
