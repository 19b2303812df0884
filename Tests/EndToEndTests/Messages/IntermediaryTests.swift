import Foundation
import Proxy
import TestSupport
import Testing

/// What RFC 9110 and 9111 ask of a server in the middle, beside framing.
@Suite("Duties of an intermediary")
struct IntermediaryTests {
    private static func request(_ method: String, _ fields: String...) -> String {
        "\(method) / HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    // MARK: Max-Forwards

    @Test(
        arguments: ["OPTIONS", "TRACE"],
        [("1", "0"), ("10", "9"), ("007", "6"), ("9999", "998")]
    )
    func `Max-Forwards counts down`(method: String, numbers: (given: String, left: String)) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            Self.request(method, "Max-Forwards: \(numbers.given)", "X-Kept: 1")
        )

        #expect(response.status == 200)
        let request = try origin.onlyRequest()
        #expect(request.head.values("Max-Forwards") == [numbers.left])
        #expect(request["X-Kept"] == "1")
    }

    @Test(arguments: [("OPTIONS", 200), ("TRACE", 501)])
    func `Max-Forwards of zero is answered here`(method: String, status: Int) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.exchange(
            Self.request(method, "Max-Forwards: 0", "Cookie: secret=1")
        )

        try expectError(response, status: status)
        #expect(!response.text.contains("secret"))
        #expect(origin.requests.isEmpty)
        #expect(try downstream.get("/").status == 200)
    }

    @Test(arguments: ["x", "-1", "", "1, 2", "1\r\nMax-Forwards: 1"])
    func `Max-Forwards that is no number is refused`(value: String) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            Self.request("OPTIONS", "Max-Forwards: \(value)")
        )

        try expectError(response, status: 400)
        #expect(origin.requests.isEmpty)
    }

    @Test(arguments: ["0", "x"])
    func `Max-Forwards of another method passes untouched`(value: String) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        #expect(try proxy.get("/", "Max-Forwards: \(value)").status == 200)
        #expect(try origin.onlyRequest().head.values("Max-Forwards") == [value])
    }

    // MARK: Date

    @Test func `a response without a Date gets one`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let before = Date.now.addingTimeInterval(-2)

        let dates = try [proxy.get("/"), proxy.connect().exchange("bad\r\n\r\n")]
            .map { $0.head.values("Date") }

        for values in dates {
            #expect(values.count == 1)
            let date = try Self.date(try #require(values.first))
            #expect(date > before && date < Date.now.addingTimeInterval(2))
        }
    }

    private static func date(_ text: String) throws -> Date {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return try #require(format.date(from: text))
    }

    @Test func `a Date of the origin's is kept, and an interim response gets none`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            try exchange.respond(fields: ["Date: Thu, 01 Jan 1970 00:00:00 GMT"])
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        #expect(response.head.values("Date") == ["Thu, 01 Jan 1970 00:00:00 GMT"])
        #expect(response.interim.map { $0.head.values("Date") } == [[]])
    }

    // MARK: Status line

    @Test(arguments: ["HTTP/1.1 200", "HTTP/1.0 200", "HTTP/1.1 200 ", "HTTP/1.1 200 OK"])
    func `a status line without its second space gets it`(line: String) throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("\(line)\r\nContent-Length: 2\r\n\r\nok")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        let reason = line.hasSuffix("OK") ? "OK" : ""
        #expect(response.head.startLine == "HTTP/1.1 200 \(reason)")
        #expect(response.text == "ok")
    }

    // MARK: Passed through untouched

    @Test func `Via passes as it came and no entry is added`() throws {
        let origin = try OriginServer { exchange in
            try exchange.respond(fields: ["Via: 1.1 inner"])
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get("/", "Via: 1.0 outer")

        #expect(try origin.onlyRequest().head.values("Via") == ["1.0 outer"])
        #expect(response.head.values("Via") == ["1.1 inner"])
    }

    @Test func `challenges, credentials, redirects and a 421 pass as they came`() throws {
        let asked = ["Authorization: Bearer a.b", "Proxy-Authorization: Basic eA=="]
        let told = [
            "WWW-Authenticate: Basic realm=\"a\"", "Proxy-Authenticate: Basic realm=\"p\"",
            "Authentication-Info: n=\"1\"", "Location: http://a:80/../b?c#d",
        ]
        let origin = try OriginServer {
            try $0.respond("421 Misdirected Request", fields: told, body: "no")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            "GET / HTTP/1.1\r\nHost: a\r\n" + asked.map { $0 + "\r\n" }.joined() + "\r\n"
        )

        let lines = String(decoding: try origin.onlyRequest().head.bytes, as: UTF8.self)
        for field in asked { #expect(lines.contains("\r\n\(field)\r\n"), "\(field)") }
        #expect(response.status == 421)
        #expect(response["WWW-Authenticate"] == "Basic realm=\"a\"")
        #expect(response["Proxy-Authenticate"] == "Basic realm=\"p\"")
        #expect(response["Authentication-Info"] == "n=\"1\"")
        #expect(response["Location"] == "http://a:80/../b?c#d")
    }

    @Test func `caching, ranges, conditions and codings are the origin's own business`() throws {
        let fields = [
            "Cache-Control: no-store, max-age=0", "Pragma: no-cache", "If-None-Match: \"a\"",
            "Range: bytes=0-1,5-", "If-Range: \"a\"", "Accept-Encoding: gzip;q=0.5", "Age: 5",
            "Proxy-Authorization: Basic eA==", "Warning: 199 - \"x\"",
        ]
        let origin = try OriginServer { exchange in
            try exchange.respond(
                "206 Partial Content",
                fields: [
                    "Age: 7", "Cache-Control: public, s-maxage=60", "Vary: *", "ETag: W/\"a\"",
                    "Content-Encoding: gzip", "Content-Range: bytes 0-1/9",
                ],
                body: "hi"
            )
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            "GET / HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        )

        let lines = String(decoding: try origin.onlyRequest().head.bytes, as: UTF8.self)
        for field in fields { #expect(lines.contains("\r\n\(field)\r\n"), "\(field)") }
        #expect(response.status == 206)
        #expect(response["Age"] == "7")
        #expect(response["Vary"] == "*")
        #expect(response["Content-Encoding"] == "gzip")
        #expect(response["Content-Range"] == "bytes 0-1/9")
    }

    @Test func `nothing is answered from a store`() throws {
        let origin = try OriginServer { exchange in
            try exchange.respond(fields: ["Cache-Control: public, max-age=3600"], body: "x")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        for _ in 0..<3 { #expect(try proxy.get("/same").text == "x") }

        #expect(origin.requests.count == 3)
    }

    // MARK: Other versions and forms

    @Test(
        arguments: [
            ("GET /x\r\n\r\n", 400),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}", 400),
            ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/3.0\r\n\r\n", 505),
        ].map { (message: RawMessage($0.0), status: $0.1) }
    )
    func `what is not HTTP 1_0 or 1_1 is told so and closed`(
        message: RawMessage,
        status: Int
    ) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(message.text)
        let response = try downstream.response()

        try expectError(response, status: status)
        #expect(response.saysClose)
        try downstream.expectEnd()
        #expect(origin.requests.isEmpty)
    }

    @Test func `OPTIONS of the server as a whole passes`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")

        #expect(response.status == 200)
        #expect(try origin.onlyRequest().target == "*")
    }

    @Test func `TE and Trailer of a request end here`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        _ = try proxy.get("/", "TE: trailers, gzip;q=0.5", "Connection: TE", "Trailer: X-Sum")

        let head = try origin.onlyRequest().head
        #expect(head.values("TE") == [])
        #expect(head.values("Trailer") == [])
    }

    @Test func `an expectation without a body ends here`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        #expect(try proxy.get("/", "Expect: 100-continue").status == 200)

        #expect(try origin.onlyRequest()["Expect"] == nil)
    }

    @Test(arguments: [("http://a", "*"), ("http://a/", "/"), ("http://a?b", "/?b")])
    func `OPTIONS of a whole server in absolute form asks the endpoint as a whole`(
        target: String,
        arrives: String
    ) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            "OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
        )

        #expect(response.status == 200)
        #expect(try origin.onlyRequest().target == arrives)
    }
}
