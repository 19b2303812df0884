import Proxy
import TestSupport
import Testing

/// Both slots take one connection at a time, and all traffic goes to the canary.
@Suite("A canary whose connections are all in use")
struct CanaryQueueTests {
    private let gate = Gate()
    private let blueGate = Gate()
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        let (gate, blueGate) = (gate, blueGate)
        blue = try OriginServer("blue") { exchange in
            if exchange.request.target == "/first" { try blueGate.pass() }
            try exchange.respond()
        }
        green = try OriginServer("green") { exchange in
            if exchange.request.target == "/held" { try gate.pass() }
            try exchange.respond()
        }
    }

    private func proxy(_ adjust: (inout Config) -> Void = { _ in }) throws -> ProxyUnderTest {
        let proxy = try ProxyUnderTest(blue: blue, green: green) { config in
            config.workers = 1
            config.upstream.maxConnections = 1
            config.upstream.queue.requests = 1
            config.upstream.queue.timeout = .milliseconds(100)
            config.probe(.none)
            adjust(&config)
        }
        proxy.setCanary(.all)
        return proxy
    }

    private func ask(_ target: String, _ proxy: ProxyUnderTest) throws -> RawDownstream {
        let downstream = try proxy.connect()
        try downstream.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        return downstream
    }

    /// A request that has the canary's one connection until the gate opens.
    private func hold(_ proxy: ProxyUnderTest) throws -> RawDownstream {
        let held = try ask("/held", proxy)
        try green.waitForRequests(1)
        return held
    }

    /// What the judge has of a slot: attempts that went well, and failures.
    private func evidence(_ slot: Int, _ proxy: ProxyUnderTest) -> [UInt64] {
        let totals = proxy.server.judgedRoutes.filter { $0.identity.slot == SlotID(slot) }
            .map(\.totals)
        return totals.reduce(into: [0, 0]) { sum, route in
            sum[0] += route.successes
            sum[1] += route.failures
        }
    }

    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nonce"

    @Test func `who waited in vain is answered by the active slot, whatever the method`() throws {
        let proxy = try proxy()
        let held = try hold(proxy)

        let answers = try [proxy.get("/late"), proxy.connect().exchange(Self.post)]
        gate.open()

        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.map { $0["X-Origin"] } == ["blue", "blue"])
        #expect(try held.response()["X-Origin"] == "green")
        #expect(green.requests.map(\.target) == ["/held"])
        #expect(blue.requests.last?.body == Array("once".utf8))
        try eventually("all is counted: two failures of green, made good by blue") {
            proxy.lanes(of: "blue")[0].rescued == ["queue": 2]
                && evidence(0, proxy) == [2, 0] && evidence(1, proxy) == [1, 2]
        }
        #expect(proxy.lanes(of: "green")[0].queueTimeouts == 2)
    }

    @Test func `who finds the queue full is answered by the active slot at once`() throws {
        let proxy = try proxy { $0.upstream.queue.timeout = .seconds(3_600) }
        let held = try hold(proxy)
        let waiting = try ask("/waiting", proxy)
        try eventually("one waits") { proxy.lanes(of: "green")[0].waiting == 1 }

        let surplus = try proxy.get("/surplus")
        gate.open()

        #expect(surplus["X-Origin"] == "blue")
        #expect(try [held, waiting].map { try $0.response()["X-Origin"] } == ["green", "green"])
        try eventually("all is counted") {
            proxy.lanes(of: "blue")[0].rescued == ["queue": 1]
                && evidence(0, proxy) == [1, 0] && evidence(1, proxy) == [2, 1]
        }
    }

    @Test func `where the active slot is busy too, it waits there for its turn`() throws {
        let proxy = try proxy { $0.upstream.queue.timeout = .seconds(3_600) }
        proxy.setCanary(nil)
        let first = try ask("/first", proxy)
        try blue.waitForRequests(1)
        proxy.setCanary(.all)
        let held = try hold(proxy)
        let waiting = try ask("/waiting", proxy)
        try eventually("one waits for green") { proxy.lanes(of: "green")[0].waiting == 1 }

        let surplus = try ask("/surplus", proxy)
        try eventually("one waits for blue") { proxy.lanes(of: "blue")[0].waiting == 1 }
        blueGate.open()

        #expect(try [first, surplus].map { try $0.response()["X-Origin"] } == ["blue", "blue"])
        gate.open()
        #expect(try [held, waiting].map { try $0.response()["X-Origin"] } == ["green", "green"])
    }

    @Test func `without the net users get 503, and the canary has failed all the same`() throws {
        let proxy = try proxy { $0.canary.safetyNet = nil }
        let held = try hold(proxy)

        let late = try proxy.get("/late")
        gate.open()

        try expectError(late, status: 503)
        #expect(try held.response().status == 200)
        #expect(blue.requests.isEmpty)
        try eventually("the failure is counted") { evidence(1, proxy) == [1, 1] }
    }

    @Test func `a file that is missed in one slot stays missed when the other has no room`() throws
    {
        let proxy = try proxy { $0.listeners[0].routes[0].rescuesAssets = true }
        let held = try hold(proxy)
        proxy.setCanary(nil)
        blue.behave { try $0.respond("404 Not Found") }

        let missed = try proxy.get("/app.3f2a.js")
        gate.open()

        #expect(missed.status == 404)
        #expect(try held.response().status == 200)
        #expect(proxy.lanes(of: "green")[0].queueTimeouts == 1)
    }
}
