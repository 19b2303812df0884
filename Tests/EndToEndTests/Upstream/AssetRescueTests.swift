import Proxy
import TestSupport
import Testing

@Suite("Asset rescue")
struct AssetRescueTests {
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        blue = try OriginServer("blue") { try $0.respond("404 Not Found", body: "not in blue") }
        green = try OriginServer("green")
    }

    private func proxy(_ adjust: (inout Config) -> Void = { _ in }) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: blue, green: green) {
            $0.workers = 1
            $0.listeners[0].routes[0].rescuesAssets = true
            adjust(&$0)
        }
    }

    @Test func `a GET and a HEAD that are 404 in their slot are answered by the other one`() throws
    {
        let proxy = try proxy()
        let downstream = try proxy.connect()

        let get = try downstream.get("/app.3f2a.js")
        let head = try downstream.exchange("HEAD /app.3f2a.js HTTP/1.1\r\nHost: a\r\n\r\n")

        #expect(get.status == 200 && get.text == "green\n")
        #expect(head.status == 200 && head["X-Origin"] == "green")
        try eventually("both are counted where they were answered") {
            let (blue, green) = (proxy.lanes(of: "blue")[0], proxy.lanes(of: "green")[0])
            return green.rescued == ["not_found": 2] && blue.requests.isEmpty && blue.inFlight == 0
        }
        // The slot has done nothing wrong, and its connection is good for another request.
        #expect(proxy.attempts(at: "blue", "success") == 2)
        #expect(blue.connectionsUsed == 1)
    }

    @Test func `only where the route says so, and only what may be an asset`() throws {
        let proxy = try proxy()
        let plain = try self.proxy { $0.listeners[0].routes[0].rescuesAssets = false }

        let post = try proxy.connect().exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        )

        #expect(post.text == "not in blue")
        #expect(try proxy.get("/", "X-Slot: blue").text == "not in blue")
        #expect(try plain.get().text == "not in blue")
        #expect(green.requests.isEmpty)
    }

    @Test func `in neither slot, it is not found`() throws {
        green.behave { try $0.respond("404 Not Found", body: "not in green") }
        let proxy = try proxy()

        let response = try proxy.get()

        #expect(response.status == 404)
        #expect(response.text == "not in green")
        #expect(proxy.lanes(of: "green")[0].rescued.isEmpty)
    }

    @Test(arguments: [true, false])
    func `what the other slot fails to find is still not found`(answers: Bool) throws {
        green.behave { exchange in
            guard answers else { return exchange.reset() }
            try exchange.respond("503 Service Unavailable", body: "no")
        }
        let proxy = try proxy()

        #expect(try proxy.get().status == 404)
        #expect(green.requests.count == 1)
    }

    @Test func `an unhealthy slot is not asked`() throws {
        green.isHealthy = false
        let proxy = try proxy()
        try proxy.waitForHealth(.unhealthy, of: green)

        #expect(try proxy.get().text == "not in blue")
        #expect(green.requests.isEmpty)
    }

    @Test func `a 404 in pieces is waited for, a chunked one too`() throws {
        blue.behave { exchange in
            try exchange.body()
            if exchange.request.target == "/chunked" {
                try exchange.send("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<50 { try exchange.sendChunk("piece ") }
                try exchange.send("0\r\n\r\n")
            } else {
                try exchange.send("HTTP/1.1 404 Not Found\r\nContent-Length: 2000\r\n\r\n")
                for _ in 0..<200 { try exchange.send("ten bytes ") }
            }
        }
        let proxy = try proxy()
        let downstream = try proxy.connect()

        for target in ["/length", "/chunked", "/length"] {
            #expect(try downstream.get(target)["X-Origin"] == "green")
        }
        #expect(blue.connectionsUsed == 1)
    }

    @Test(arguments: [
        "Content-Length: 100000", "Transfer-Encoding: chunked", "Connection: close",
    ])
    func `a 404 too long to keep is passed on whole`(framing: String) throws {
        let body = String(repeating: "0123456789", count: 10_000)
        blue.behave { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 404 Not Found\r\n\(framing)\r\n\r\n")
            guard framing.hasSuffix("chunked") else {
                try exchange.send(body)
                return exchange.close()
            }
            for _ in 0..<1_000 { try exchange.sendChunk(String(body.prefix(100))) }
            try exchange.send("0\r\n\r\n")
        }
        let proxy = try proxy()

        let response = try proxy.get()

        #expect(response.status == 404)
        #expect(response.text == body)
        #expect(green.requests.isEmpty)
    }

    @Test func `a 404 with bytes behind it is passed on, and its connection not used again`() throws
    {
        blue.behave { exchange in
            try exchange.body()
            let more = String(repeating: "x", count: 60_000)
            try exchange.send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone\(more)")
        }
        let proxy = try proxy()

        let texts = try (0..<2).map { _ in try proxy.get().text }

        #expect(texts == ["gone", "gone"])
        #expect(blue.connectionsUsed == 2)
    }

    @Test func `after a switch a page of the old version finds its assets in the old slot`() throws
    {
        let assets: @Sendable (String) -> OriginServer.Behaviour = { name in
            { exchange in
                let isOwn = exchange.request.target == "/\(name).js"
                try exchange.respond(isOwn ? "200 OK" : "404 Not Found", body: name)
            }
        }
        blue.behave(assets("blue"))
        green.behave(assets("green"))
        let proxy = try proxy()
        proxy.switchTo(.green)

        #expect(try proxy.get("/green.js").text == "green")
        #expect(try proxy.get("/blue.js").text == "blue")
        #expect(try proxy.get("/other.js").status == 404)
    }
}
