import Proxy
import TestSupport
import Testing

@Suite("Keep-alive, HTTP/1.0 and pipelining")
struct PersistenceTests {
    @Test func `a connection serves one request after the other`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let responses = try (0..<20).map { try downstream.get("/\($0)") }

        #expect(responses.map(\.text) == (0..<20).map { "/\($0)" })
        #expect(responses.allSatisfy { !$0.saysClose })
    }

    @Test func `a connection ends after the response when the client asks for it`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.get("/", "Connection: close")

        #expect(response.status == 200)
        #expect(response.saysClose)
        try downstream.expectEnd()
    }

    @Test func `an origin that closes does not end the client's connection`() throws {
        let origin = try OriginServer { exchange in
            try exchange.respond(fields: ["Connection: close"], body: "once")
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let responses = try (0..<3).map { try downstream.get("/\($0)") }

        #expect(responses.allSatisfy { $0.text == "once" && !$0.saysClose })
        #expect(origin.connectionsUsed == 3)
    }

    @Test func `an HTTP/1.0 client is served and its connection closed`() throws {
        let origin = try OriginServer { try $0.respond(body: "old") }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.exchange("GET / HTTP/1.0\r\n\r\n")

        #expect(response.status == 200)
        #expect(response.text == "old")
        #expect(response.saysClose)
        try downstream.expectEnd()
        #expect(try origin.onlyRequest()["Host"] != nil)
    }

    @Test func `an HTTP/1.0 client may ask for keep-alive and is told that it got it`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        let fields = "Host: a\r\nConnection: keep-alive\r\n\r\n"

        let first = try downstream.exchange("GET /1 HTTP/1.0\r\n\(fields)")
        let second = try downstream.exchange("GET /2 HTTP/1.0\r\n\(fields)")

        #expect(first.head.members("Connection") == ["keep-alive"])
        #expect([first.text, second.text] == ["/1", "/2"])
    }

    @Test func `a chunked response reaches an HTTP/1.0 client without chunks and ends by close`()
        throws
    {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in ["one ", "two ", "three"] { try exchange.sendChunk(piece) }
            try exchange.send("0\r\nX-Sum: 3\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.exchange(
            "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"
        )

        #expect(response.framing == .untilClose)
        #expect(response.saysClose)
        #expect(response.text == "one two three")
    }

    @Test(arguments: [("HEAD", "200 OK"), ("GET", "304 Not Modified")])
    func `a head without a body tells an HTTP/1.0 client of no chunks`(
        method: String,
        status: String
    ) throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 \(status)\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange("\(method) / HTTP/1.0\r\nHost: a\r\n\r\n")

        #expect(response.status == (method == "HEAD" ? 200 : 304))
        #expect(response["Transfer-Encoding"] == nil)
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `a response that ends by close arrives whole`(version: String) throws {
        let body = SeededBody(seed: 11, count: 300_000)
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nX-Kind: close\r\n\r\n")
            try body.forEachPiece { try exchange.send($0) }
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.exchange("GET / \(version)\r\nHost: a\r\n\r\n")

        var check = SeededBodyCheck(body)
        check.take(response.body[...])
        #expect(check.isComplete)
        // A client that cannot tell the end by the message can only tell it by the close.
        if response.framing == .untilClose { #expect(response.saysClose) }
    }

    @Test func `a short response that ends by close ends at once, on any connection`() throws {
        let origin = try OriginServer { exchange in
            guard exchange.request.target == "/close" else { return try exchange.respond() }
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\n\r\nuntil the end")
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        for _ in 0..<20 {
            #expect(try downstream.get("/close").text == "until the end")
            #expect(try downstream.get("/pooled").status == 200)
        }
    }

    @Test func `an HTTP/1.0 response from an origin is passed on as HTTP/1.1`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold")
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let responses = try (0..<2).map { _ in try downstream.get("/") }

        #expect(responses.allSatisfy { $0.version == "HTTP/1.1" && $0.text == "old" })
    }

    // MARK: Pipelining

    @Test func `fifty requests in one write are answered in order`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let texts = try (0..<50).map { _ in try downstream.response().text }

        #expect(texts == (0..<50).map { "/\($0)" })
    }

    @Test func `requests of every framing in one write are told apart`() throws {
        let origin = try OriginServer { exchange in
            let body = String(decoding: try exchange.body(), as: UTF8.self)
            try exchange.respond(body: "\(exchange.request.target)=\(body)")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
                + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nthree\r\n0\r\n\r\n"
                + "HEAD /4 HTTP/1.1\r\nHost: a\r\n\r\n"
                + "PUT /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                + "GET /6 HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let texts = try ["POST", "GET", "POST", "HEAD", "PUT", "GET"].map {
            try downstream.response(to: $0).text
        }

        #expect(texts == ["/1=one", "/2=", "/3=three", "", "/5=", "/6="])
    }

    @Test func `what is pipelined behind a malformed request is never served`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /bad HTTP/1.1\r\nHost : a\r\n\r\n"
                + "GET /after HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let responses = try (0..<2).map { _ in try downstream.response() }

        #expect(responses.map(\.status) == [200, 400])
        try downstream.expectEnd()
        #expect(origin.requests.map(\.target) == ["/good"])
    }

    @Test func `what is pipelined behind the last request is never served`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                + "GET /after HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let response = try downstream.response()

        #expect(response.text == "/last")
        try downstream.expectEnd()
        #expect(origin.requests.map(\.target) == ["/last"])
    }

    @Test func `a client that has closed its sending half still gets its response`() throws {
        let answer = Gate()
        let origin = try OriginServer { exchange in
            try answer.pass()
            try exchange.respond(body: "late")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        downstream.finishSending()
        try origin.waitForRequests(1)
        answer.open()

        #expect(try downstream.response().text == "late")
    }
}
