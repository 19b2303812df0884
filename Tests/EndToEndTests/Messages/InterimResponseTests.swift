import Proxy
import TestSupport
import Testing

@Suite("Interim and early responses")
struct InterimResponseTests {
    /// Answers an expectation, then reads the body and echoes it.
    private static let continuing: OriginServer.Behaviour = { exchange in
        if exchange.request["Expect"] != nil {
            try exchange.send("HTTP/1.1 100 Continue\r\n\r\n")
        }
        try exchange.respond(body: try exchange.body())
    }

    @Test func `a client that waits for 100 gets it once and may send its body`() throws {
        let origin = try OriginServer("origin", Self.continuing)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        let interim = try downstream.responseHead(to: "POST")
        try downstream.send("body")
        let final = try downstream.response(to: "POST")

        #expect(interim.status == 100)
        #expect(final.status == 200)
        #expect(final.interim.isEmpty)
        #expect(final.text == "body")
    }

    @Test func `a client that waits for 100 may be refused before it has sent its body`() throws {
        let origin = try OriginServer { exchange in
            try exchange.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
            exchange.serveNoFurther()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\nExpect: 100-continue\r\n\r\n"
        )
        let response = try downstream.response(to: "POST")

        #expect(response.status == 401)
        #expect(response.text == "no")
    }

    @Test func `an expectation of an HTTP/1.0 client is ignored`() throws {
        let origin = try OriginServer("origin", Self.continuing)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let response = try downstream.exchange(
            "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody"
        )

        #expect(response.status == 200)
        #expect(response.interim.isEmpty)
        #expect(response.text == "body")
        #expect(try origin.onlyRequest()["Expect"] == nil)
    }

    private static let hinting: OriginServer.Behaviour = { exchange in
        try exchange.body()
        try exchange.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
        try exchange.send("HTTP/1.1 102 Processing\r\n\r\n")
        try exchange.respond(body: "final")
    }

    @Test func `interim responses are passed on in order`() throws {
        let origin = try OriginServer("origin", Self.hinting)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let responses = try (0..<2).map { _ in try downstream.get("/") }

        for response in responses {
            #expect(response.interim.map(\.status) == [103, 102])
            #expect(response.interim.first?["Link"] == "</a.css>; rel=preload")
            #expect(response.text == "final")
        }
    }

    @Test func `interim responses are kept from an HTTP/1.0 client`() throws {
        let origin = try OriginServer("origin", Self.hinting)
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.connect().exchange("GET / HTTP/1.0\r\nHost: a\r\n\r\n")

        #expect(response.interim.isEmpty)
        #expect(response.text == "final")
    }

    @Test func `interim responses without end are cut off`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            while true { try exchange.send("HTTP/1.1 102 Processing\r\n\r\n") }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")

        #expect(try downstream.response().status == 502)
    }

    @Test func `a response that comes before the body's end reaches the client`() throws {
        let origin = try OriginServer { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
            try exchange.body()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        let response = try downstream.response(to: "POST")

        #expect(response.status == 200)
        #expect(response.text == "early")
        if !response.saysClose {
            try downstream.send("def")
            #expect(try downstream.get("/next").status == 200)
            #expect(origin.requests.map(\.target) == ["/", "/next"])
            #expect(origin.requests[0].body == Array("abcdef".utf8))
        }
    }

    @Test func `a refusal of a large body reaches the client while it is still sending`() throws {
        let origin = try OriginServer { exchange in
            try exchange.send(
                "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig"
            )
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        let response = try downstream.response(to: "POST")

        #expect(response.status == 413)
        #expect(response.text == "big")
    }
}
