import Proxy
import TestSupport
import Testing

@Suite("Retries")
struct RetryTests {
    /// An origin whose connections answer once, and die of their second request.
    private static let dyingOfReuse: OriginServer.Behaviour = { exchange in
        if exchange.ordinal > 0 { return exchange.reset() }
        try exchange.respond(body: "fresh")
    }

    @Test func `a GET on a stale pooled connection is sent again and answered`() throws {
        let origin = try OriginServer("origin", Self.dyingOfReuse)
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        // One in five may be retried, so that most requests have to go well by themselves.
        let texts = try (0..<2).map { _ in try downstream.get("/").text }

        #expect(texts == ["fresh", "fresh"])
        #expect(origin.requests.count == 3)
    }

    @Test func `a GET survives a pool in which every connection is stale`() throws {
        let together = Gate()
        let origin = try OriginServer { exchange in
            if exchange.ordinal > 0 { return exchange.close() }
            try together.pass()
            try exchange.respond(body: "fresh")
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let clients = Beside { try inThreads(8) { _ in try proxy.get().text } }
        try origin.waitForRequests(8)
        together.open()
        _ = try clients.value()

        #expect(try proxy.get().text == "fresh")
    }

    @Test(arguments: ["POST", "PATCH"])
    func `what may have had an effect is never sent twice`(method: String) throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            if exchange.request.method == method { return exchange.reset() }
            try exchange.respond()
        }
        let other = try OriginServer("other")
        let proxy = try ProxyUnderTest(
            .forTests(blue: [origin.endpoint, other.endpoint], green: [origin.endpoint])
                .with {
                    $0.workers = 1
                    $0.upstream.balance = .roundRobin
                }
        )
        let downstream = try proxy.connect()
        // Both endpoints have a pooled connection.
        for _ in 0..<4 { #expect(try downstream.get("/warm").status == 200) }

        var statuses: [Int] = []
        for number in 0..<4 {
            let response = try proxy.connect().exchange(
                "\(method) /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nonce"
            )
            statuses.append(response.status)
        }

        #expect(statuses.filter { $0 == 502 }.count == 2)
        #expect(statuses.filter { $0 == 200 }.count == 2)
        let targets = (origin.requests + other.requests).filter { $0.method == method }
            .map(\.target)
        #expect(targets.sorted() == ["/0", "/1", "/2", "/3"])
    }

    @Test func `a POST that finds its pooled connection closed is sent once, on a new one`()
        throws
    {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.workers = 1
            $0.probe(.none)
        }
        #expect(try proxy.get().status == 200)
        origin.closeConnections()
        try eventually("the proxy has seen the close") { origin.connectionsOpen == 0 }

        let response = try proxy.connect().exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nonce"
        )

        #expect(response.status == 200)
        #expect(origin.requests.filter { $0.method == "POST" }.count == 1)
    }

    @Test func `a POST is sent to another endpoint when the first one refuses`() throws {
        let refusing = try RefusingPort()
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(
            .forTests(
                blue: [.loopback(refusing.port), origin.endpoint],
                green: [origin.endpoint]
            ).with {
                $0.probe(.none)
                $0.upstream.balance = .roundRobin
            }
        )

        let statuses = try (0..<2).map { _ in
            try proxy.connect().exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            ).status
        }

        #expect(statuses == [200, 200])
        #expect(origin.requests.map(\.body) == Array(repeating: Array("body".utf8), count: 2))
    }

    @Test func `a request goes to another endpoint when connecting takes too long`() throws {
        let hole = try BlackHole()
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(
            .forTests(blue: [.loopback(hole.port), origin.endpoint], green: [origin.endpoint])
                .with {
                    $0.probe(.none)
                    $0.workers = 1
                    $0.upstream.balance = .roundRobin
                    $0.timeouts.connect = .milliseconds(200)
                }
        )

        let statuses = try (0..<2).map { _ in try proxy.get().status }

        #expect(statuses == [200, 200])
    }

    @Test func `a response that has begun is never begun again`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Le")
            exchange.reset()
        }
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        #expect(response.status == 502)
        #expect(origin.requests.count == 1)
    }

    @Test func `without retries a refused connection is the answer`() throws {
        let refusing = try RefusingPort()
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(
            .forTests(
                blue: [.loopback(refusing.port), origin.endpoint],
                green: [origin.endpoint]
            ).with {
                $0.probe(.none)
                $0.workers = 1
                $0.upstream.balance = .roundRobin
                $0.upstream.retries = 0
            }
        )

        let statuses = try (0..<4).map { _ in try proxy.get().status }

        #expect(statuses.sorted() == [200, 200, 502, 502])
    }

    @Test func `retries stay within their budget`() throws {
        let refusing = try RefusingPort()
        let origin = try OriginServer()
        let count = 400
        let proxy = try ProxyUnderTest(
            .forTests(
                blue: [.loopback(refusing.port), origin.endpoint],
                green: [origin.endpoint]
            ).with {
                $0.probe(.none)
                $0.workers = 1
                $0.upstream.balance = .roundRobin
                $0.upstream.ejection = nil
                $0.upstream.retryBudgetPercent = 20
            }
        )
        let downstream = try proxy.connect()

        let statuses = try (0..<count).map { _ in try downstream.get("/").status }

        var retries = 0
        // An attempt is counted when its response is on its way, so that the client may be quicker.
        try eventually("the retries are those of the endpoints' attempts") {
            let blue = proxy.server.statistics().endpoints.filter { $0.slot == "blue" }
            let attempts = blue.flatMap(\.attempts).reduce(0) { $0 + Int($1.count) }
            retries = attempts - count
            return try #require(proxy.lanes(of: "blue").first).retries == UInt64(retries)
        }
        // A few more at the start, so that a quiet proxy may retry at all.
        #expect(retries <= count / 5 + 20)
        #expect(retries >= count / 10)
        #expect(Set(statuses) == [200, 502])
        let lane = try #require(proxy.lanes(of: "blue").first)
        // What was answered with 502 had no retry left.
        #expect(lane.retriesRefused == UInt64(statuses.count { $0 == 502 }))
    }
}
