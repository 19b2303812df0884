import Proxy
import TestSupport
import Testing

@Suite("Requests and responses")
struct MessageTests {
    @Test func `a GET brings the origin's answer`() throws {
        let origin = try OriginServer("blue") {
            try $0.respond("203 Taken From Elsewhere", fields: ["X-Mark: 7"], body: "hello")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get("/a/b?c=d%20e")

        #expect(response.head.startLine == "HTTP/1.1 203 Taken From Elsewhere")
        #expect(response["X-Mark"] == "7")
        #expect(response["Content-Length"] == "5")
        #expect(response.text == "hello")
        #expect(try origin.onlyRequest().head.startLine == "GET /a/b?c=d%20e HTTP/1.1")
    }

    @Test func `a HEAD is answered with a length and no body, and the connection goes on`() throws {
        let origin = try OriginServer { try $0.respond(body: "twelve bytes") }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let head = try downstream.exchange("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
        let get = try downstream.get("/x")

        #expect(head["Content-Length"] == "12")
        #expect(get.text == "twelve bytes")
        #expect(origin.requests.map(\.method) == ["HEAD", "GET"])
    }

    @Test func `a POST with a length arrives byte for byte`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        let body = (0...255).map { UInt8($0) } + Array("\r\n\r\nGET / HTTP/1.1\r\n\r\n".utf8)

        try downstream.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try downstream.send(body)
        let response = try downstream.response(to: "POST")

        #expect(response.status == 200)
        let request = try origin.onlyRequest()
        #expect(request.framing == .length(body.count))
        #expect(request.body == body)
    }

    @Test func `a chunked POST arrives whole, without its trailers`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            """
            POST /p HTTP/1.1\r
            Host: a\r
            Transfer-Encoding: chunked\r
            Trailer: X-Sum\r
            \r
            5;ignored=yes\r
            hello\r
            00A\r
             wide worl\r
            1\r
            d\r
            0\r
            X-Sum: 42\r
            \r\n
            """
        )

        #expect(response.status == 200)
        let request = try origin.onlyRequest()
        #expect(request.framing == .chunked)
        #expect(String(decoding: request.body, as: UTF8.self) == "hello wide world")
        #expect(request.trailers == [])
        #expect(request["Trailer"] == nil)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
    func `a method is passed on as it is`(method: String) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            "\(method) /m HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        )

        #expect(response.status == 200)
        #expect(try origin.onlyRequest().method == method)
        #expect(try origin.onlyRequest().body == Array("hi".utf8))
    }

    @Test func `a chunked response arrives whole, with its trailers`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in ["one ", "two ", "three"] { try exchange.sendChunk(piece) }
            try exchange.send("0\r\nX-Sum: 3\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let first = try downstream.get("/")
        let second = try downstream.get("/")

        #expect(first.framing == .chunked)
        #expect(first.text == "one two three")
        #expect(first.trailers == [HTTPField("X-Sum", "3")])
        #expect(second == first)
    }

    @Test func `204 and 304 have no body, and the connection goes on`() throws {
        let origin = try OriginServer { exchange in
            switch exchange.request.target {
            case "/204": try exchange.send("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n")
            case "/304":
                try exchange.send(
                    "HTTP/1.1 304 Not Modified\r\nETag: \"v\"\r\nContent-Length: 99\r\n\r\n"
                )
            default: try exchange.respond(body: "next")
            }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let responses = try ["/204", "/304", "/"].map { try downstream.get($0) }

        #expect(responses.map(\.status) == [204, 304, 200])
        #expect(responses.map(\.text) == ["", "", "next"])
        #expect(responses[1]["ETag"] == "\"v\"")
    }

    @Test func `the response body streams before the response has ended`() throws {
        let rest = Gate()
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
            try rest.pass()
            try exchange.send("rest")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        let first = try downstream.bytes(5)
        rest.open()

        #expect(head.status == 200)
        #expect(first == Array("first".utf8))
        #expect(try downstream.bytes(4) == Array("rest".utf8))
    }

    @Test func `the request body streams before the request has ended`() throws {
        let seen = Gate()
        let origin = try OriginServer { exchange in
            try exchange.readBody { _ in seen.open() }
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst")
        try seen.pass()
        try downstream.send("after")

        #expect(try downstream.response(to: "POST").status == 200)
    }

    @Test func `a request in absolute form goes to the host that it names`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange(
            "GET http://inner.example/path?q HTTP/1.1\r\nHost: inner.example\r\n\r\n"
        )

        #expect(response.status == 200)
        let request = try origin.onlyRequest()
        #expect(["/path?q", "http://inner.example/path?q"].contains(request.target))
        #expect(request["Host"] == "inner.example")
    }

    @Test func `an empty line before a request is passed over`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let first = try downstream.exchange("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        try downstream.send("\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        let second = try downstream.response()

        #expect([first.status, second.status] == [200, 200])
        #expect(origin.requests.map(\.target) == ["/1", "/2"])
    }
}
