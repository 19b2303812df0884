import Proxy
import TestSupport
import Testing

@Suite("Limits on connections to endpoints, and their queue")
struct QueueTests {
    private let gate = Gate()
    private let origin: OriginServer

    init() throws {
        let gate = gate
        origin = try OriginServer { exchange in
            if exchange.request.target == "/held" { try gate.pass() }
            try exchange.respond()
        }
    }

    private func proxy(_ adjust: (inout Config) -> Void = { _ in }) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: origin) { config in
            config.workers = 1
            config.upstream.maxConnections = 1
            config.upstream.queue.timeout = .seconds(3_600)
            config.probe(.none)
            adjust(&config)
        }
    }

    private func lane(_ proxy: ProxyUnderTest) throws -> Statistics.Lane {
        try #require(proxy.server.statistics().lanes.first { $0.slot == "blue" })
    }

    private func ask(_ target: String, _ proxy: ProxyUnderTest) throws -> RawDownstream {
        let downstream = try proxy.connect()
        try downstream.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        return downstream
    }

    /// Occupies the one connection, and has `count` requests wait, one after the other.
    private func queue(_ count: Int, _ proxy: ProxyUnderTest) throws
        -> (held: RawDownstream, waiting: [RawDownstream])
    {
        let held = try ask("/held", proxy)
        try origin.waitForRequests(1)
        let waiting = try (0..<count).map { number in
            let downstream = try ask("/\(number)", proxy)
            try eventually("request \(number) waits") { try lane(proxy).waiting == number + 1 }
            return downstream
        }
        return (held, waiting)
    }

    @Test func `requests beyond the limit wait, and go in the order in which they came`() throws {
        let proxy = try proxy()
        let (held, waiting) = try queue(4, proxy)
        #expect(origin.requests.count == 1)

        gate.open()

        for downstream in [held] + waiting { #expect(try downstream.response().status == 200) }
        #expect(origin.requests.map(\.target) == ["/held", "/0", "/1", "/2", "/3"])
        #expect(origin.connectionsUsed == 1)
        #expect(try lane(proxy).waiting == 0)
    }

    @Test func `who waits too long is answered with 503, and the next one is well`() throws {
        let proxy = try proxy { $0.upstream.queue.timeout = .milliseconds(100) }
        let (held, waiting) = try (ask("/held", proxy), 1)
        try origin.waitForRequests(1)

        let late = try proxy.get("/late")
        gate.open()

        try expectError(late, status: 503)
        #expect(late["Retry-After"] == "1")
        #expect(try held.response().status == 200)
        #expect(try proxy.get("/next").status == 200)
        #expect(try lane(proxy).queueTimeouts == UInt64(waiting))
        #expect(!origin.requests.map(\.target).contains("/late"))
    }

    @Test func `a full queue answers with 503 at once`() throws {
        let proxy = try proxy { $0.upstream.queue.requests = 2 }
        let (held, waiting) = try queue(2, proxy)

        let surplus = try proxy.get("/surplus")
        gate.open()

        try expectError(surplus, status: 503)
        #expect(surplus["Retry-After"] == "1")
        #expect(try lane(proxy).queueFull == 1)
        for downstream in [held] + waiting { #expect(try downstream.response().status == 200) }
    }

    @Test func `who leaves the queue leaves no gap in it`() throws {
        let proxy = try proxy()
        let (held, waiting) = try queue(5, proxy)

        for place in [0, 2, 4] { waiting[place].reset() }
        try eventually("they are gone") { try lane(proxy).waiting == 2 }
        gate.open()

        for downstream in [held, waiting[1], waiting[3]] {
            #expect(try downstream.response().status == 200)
        }
        #expect(origin.requests.map(\.target) == ["/held", "/1", "/3"])
    }

    @Test func `a body that follows is passed on after the wait`() throws {
        let proxy = try proxy()
        let (held, _) = try queue(0, proxy)
        let body = String(repeating: "x", count: 100_000)
        let downstream = try proxy.connect()
        try downstream.send(
            "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\nxxxx"
        )
        try eventually("it waits") { try lane(proxy).waiting == 1 }

        gate.open()
        try downstream.send(String(body.dropFirst(4)))

        #expect(try held.response().status == 200)
        #expect(try downstream.response(to: "POST").status == 200)
        #expect(origin.requests.last?.body.count == body.utf8.count)
    }

    @Test func `an endpoint that dies lets those who wait go at once`() throws {
        let proxy = try proxy { $0.probe(.get(path: "/health")) }
        let (held, waiting) = try queue(2, proxy)

        origin.isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: origin)
        gate.open()

        #expect(try held.response().status == 200)
        for downstream in waiting { try expectError(try downstream.response(), status: 503) }
        #expect(try lane(proxy).waiting == 0)
    }

    @Test func `a limit that a reload lifts lets those who wait go`() throws {
        var config = Config.forTests(blue: [origin.endpoint], green: [origin.endpoint])
        config.workers = 1
        config.probe(.none)
        config.upstream.maxConnections = 1
        config.upstream.queue.timeout = .seconds(3_600)
        let proxy = try ProxyUnderTest(config)
        let (held, waiting) = try queue(2, proxy)

        try proxy.server.reload(config.with { $0.upstream.maxConnections = 10 })

        for downstream in waiting { #expect(try downstream.response().status == 200) }
        gate.open()
        #expect(try held.response().status == 200)
    }
}
