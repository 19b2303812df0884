import Proxy
import TestSupport
import Testing

@Suite("Safety net")
struct SafetyNetTests {
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        blue = try OriginServer("blue")
        green = try OriginServer("green")
    }

    /// A proxy all of whose traffic goes to the canary.
    private func proxy(
        green endpoints: [Config.Endpoint]? = nil,
        _ adjust: (inout Config) -> Void = { _ in }
    ) throws -> ProxyUnderTest {
        var config = Config.forTests(
            blue: [blue.endpoint],
            green: endpoints ?? [green.endpoint]
        )
        config.workers = 1
        adjust(&config)
        let proxy = try ProxyUnderTest(config)
        proxy.setCanary(.all)
        return proxy
    }

    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nonce"

    /// Expects that a GET was answered by blue and that green is to blame.
    private func expectRescue(
        by proxy: ProxyUnderTest,
        outcome: String,
        reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let response = try proxy.get("/page")

        #expect(response.status == 200, sourceLocation: sourceLocation)
        #expect(response["X-Origin"] == "blue", sourceLocation: sourceLocation)
        try eventually("the rescue is counted") {
            let (blue, green) = (proxy.lanes(of: "blue")[0], proxy.lanes(of: "green")[0])
            return blue.rescued == [reason: 1] && blue.requests.map(\.status) == [200]
                && green.requests.isEmpty && blue.inFlight == 0 && green.inFlight == 0
        }
        #expect(proxy.attempts(at: "green", outcome) >= 1, sourceLocation: sourceLocation)
        #expect(proxy.attempts(at: "blue", "success") == 1, sourceLocation: sourceLocation)
    }

    // MARK: What it takes

    /// What the canary does with a request, and what is counted of it.
    struct Failure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let outcome: String
        let behaviour: OriginServer.Behaviour

        init(
            _ description: String,
            _ outcome: String,
            _ behaviour: @escaping OriginServer.Behaviour
        ) {
            testDescription = description
            self.outcome = outcome
            self.behaviour = behaviour
        }
    }

    static let failures = [
        Failure("reset", "closed") { $0.reset() },
        Failure("close", "closed") { $0.close() },
        Failure("close in the head", "closed") { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Le")
            exchange.reset()
        },
        Failure("no head", "malformed_response") { try $0.send("HTTP/1.1 hello\r\n\r\n") },
        Failure("silence", "response_timeout") { $0.waitForEnd() },
        Failure("502", "server_error") { try $0.respond("502 Bad Gateway", body: "green") },
        Failure("503", "server_error") { try $0.respond("503 Service Unavailable") },
        Failure("half a 504", "server_error") { exchange in
            try exchange.send("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 9\r\n\r\npart")
            exchange.waitForEnd()
        },
    ]

    @Test(arguments: failures)
    func `a GET that the canary fails is answered by the active slot`(failure: Failure) throws {
        green.behave(failure.behaviour)
        let proxy = try proxy { $0.timeouts.responseHead = .milliseconds(300) }

        try expectRescue(by: proxy, outcome: failure.outcome, reason: failure.outcome)
        #expect(blue.requests.map(\.target) == ["/page"])
    }

    @Test func `so is one whose canary refuses the connection`() throws {
        let refusing = try RefusingPort()
        let proxy = try proxy(green: [.loopback(refusing.port)]) { $0.probe(.none) }

        try expectRescue(by: proxy, outcome: "connect_failure", reason: "connect_failure")
    }

    @Test func `so is one whose canary does not take the connection in time`() throws {
        let hole = try BlackHole()
        let proxy = try proxy(green: [.loopback(hole.port)]) {
            $0.probe(.none)
            $0.timeouts.connect = .milliseconds(200)
        }

        try expectRescue(by: proxy, outcome: "connect_timeout", reason: "connect_timeout")
    }

    @Test func `so is one whose canary has no healthy endpoint, whatever its method`() throws {
        green.isHealthy = false
        let proxy = try proxy()
        try proxy.waitForHealth(.unhealthy, of: green)

        let get = try proxy.get()
        let post = try proxy.connect().exchange(Self.post)

        #expect([get.status, post.status] == [200, 200])
        #expect(green.requests.isEmpty)
        #expect(proxy.lanes(of: "blue")[0].rescued == ["unhealthy": 2])
    }

    @Test func `a body that is all here goes along`() throws {
        green.behave { exchange in
            try exchange.body()
            exchange.reset()
        }
        let proxy = try proxy()

        let response = try proxy.connect().exchange(
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
        )

        #expect(response["X-Origin"] == "blue")
        #expect(blue.requests.map(\.body) == [Array("body".utf8)])
    }

    @Test func `another endpoint of the canary is tried before the other slot is`() throws {
        let refusing = try RefusingPort()
        let proxy = try proxy(green: [.loopback(refusing.port), green.endpoint]) {
            $0.probe(.none)
            $0.upstream.balance = .roundRobin
        }
        let downstream = try proxy.connect()

        let names = try (0..<8).map { _ in try downstream.get("/")["X-Origin"] }

        #expect(names.allSatisfy { $0 == "green" })
    }

    @Test func `under load with a canary that fails every tenth request nobody sees a failure`()
        throws
    {
        blue.behave(LoadClients.answer)
        let count = Monitor(0)
        green.behave { exchange in
            let number = count.use { count in
                count += 1
                return count
            }
            switch number % 30 {
            case 0: try exchange.respond("503 Service Unavailable", body: "no")
            case 10: exchange.reset()
            case 20: try exchange.send("nonsense\r\n\r\n")
            default: try LoadClients.answer(exchange)
            }
        }
        let proxy = try proxy { $0.workers = 2 }
        proxy.setCanary(Weight(percent: 50))
        let load = LoadClients(Scale.of(16, floor: 4), port: proxy.port)

        for basisPoints in [5_000, 9_000, 2_000, 10_000] as [UInt32] {
            proxy.setCanary(Weight(basisPoints: basisPoints))
            try load.waitForResponses(Scale.of(300, floor: 40))
        }
        let tally = load.stop()

        #expect(tally.failureCount == 0, "\(tally.failures)")
        let rescued = proxy.lanes(of: "blue")[0].rescued.values.reduce(0, +)
        #expect(rescued > Scale.of(10, floor: 1))
        #expect(proxy.attempts(at: "green", "server_error") > 0)
    }

    // MARK: What it does not

    @Test(arguments: ["POST", "PATCH"])
    func `what may have had an effect is never sent to the other slot`(method: String) throws {
        green.behave { exchange in
            try exchange.body()
            exchange.reset()
        }
        let proxy = try proxy()

        let response = try proxy.connect().exchange(
            "\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nonce"
        )

        #expect(response.status == 502)
        #expect(green.requests.count == 1)
        #expect(blue.requests.isEmpty)
    }

    @Test func `a POST that reached nobody is`() throws {
        let refusing = try RefusingPort()
        let proxy = try proxy(green: [.loopback(refusing.port)]) { $0.probe(.none) }

        let response = try proxy.connect().exchange(Self.post)

        #expect(response["X-Origin"] == "blue")
        #expect(blue.requests.map(\.body) == [Array("once".utf8)])
    }

    @Test func `a body that has left is not sent again`() throws {
        green.behave { exchange in
            try exchange.readBody { _ in }
            exchange.reset()
        }
        let proxy = try proxy()
        let body = String(repeating: "x", count: 200_000)
        let downstream = try proxy.connect()

        try downstream.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        try downstream.send(body)

        #expect(try downstream.response(to: "PUT").status == 502)
        #expect(blue.requests.isEmpty)
    }

    @Test func `a response that has begun is cut, an interim one too`() throws {
        green.behave { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            exchange.reset()
        }
        let proxy = try proxy()
        #expect(throws: (any Error).self) { try proxy.get() }

        green.behave { exchange in
            try exchange.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            exchange.reset()
        }
        let response = try proxy.get()

        #expect(response.interim.map(\.status) == [103])
        #expect(response.status == 502)
        #expect(blue.requests.isEmpty)
    }

    @Test func `a 500 is the application's word, unless it is asked for`() throws {
        green.behave { try $0.respond("500 Internal Server Error", body: "green") }
        let plain = try proxy()
        let strict = try proxy { $0.canary.safetyNet?.takes500 = true }

        #expect(try plain.get().status == 500)
        #expect(try strict.get()["X-Origin"] == "blue")
    }

    @Test func `previews see the slot as it is, and so does everybody without the net`() throws {
        green.behave { try $0.respond("503 Service Unavailable", body: "green") }
        let proxy = try proxy()
        let without = try self.proxy { $0.canary.safetyNet = nil }

        #expect(try proxy.get("/", "X-Slot: green").text == "green")
        #expect(try without.get().text == "green")
    }

    @Test func `the active slot's failures are its own`() throws {
        blue.behave { try $0.respond("503 Service Unavailable", body: "blue") }
        let proxy = try proxy()
        proxy.setCanary(Weight.none)

        #expect(try proxy.get().text == "blue")
        #expect(green.requests.isEmpty)
    }

    @Test func `when both fail, the answer is the active slot's, and nobody is asked twice`() throws
    {
        green.behave { $0.reset() }
        blue.behave { try $0.respond("503 Service Unavailable", body: "blue") }
        let proxy = try proxy()

        let response = try proxy.get()

        #expect(response.status == 503)
        #expect(response.text == "blue")
        #expect(blue.requests.count == 1)
        #expect(proxy.lanes(of: "blue")[0].rescued.isEmpty)
    }

    @Test func `it stays within its budget`() throws {
        green.behave { try $0.respond("503 Service Unavailable", body: "green") }
        let proxy = try proxy { $0.canary.safetyNet?.budgetPercent = 20 }
        let downstream = try proxy.connect()

        let names = try (0..<200).map { _ in try downstream.get("/")["X-Origin"] }

        // A fifth, and the ten that are saved up.
        #expect((40...51).contains(names.count { $0 == "blue" }))
    }

    @Test func `a slot that has lost its traffic gets no more of it`() throws {
        let held = Gate()
        green.behave { exchange in
            try held.pass()
            exchange.reset()
        }
        let proxy = try proxy()
        let request = Beside { try proxy.get() }
        try eventually("the request waits at green") {
            proxy.lanes(of: "green")[0].inFlight == 1
        }

        proxy.switchTo(.green)
        held.open()

        #expect(try request.value().status == 502)
        #expect(blue.requests.isEmpty)
    }

    @Test func `a share held back on the old slot has the net as well`() throws {
        blue.behave { $0.reset() }
        let proxy = try proxy()
        proxy.switchTo(.green)
        proxy.setCanary(.all)

        #expect(try proxy.get()["X-Origin"] == "green")
        #expect(proxy.attempts(at: "blue", "closed") == 1)
    }
}
