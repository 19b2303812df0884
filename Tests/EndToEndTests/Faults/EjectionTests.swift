import Proxy
import TestSupport
import Testing

@Suite("Ejection, slow start and the last resort")
struct EjectionTests {
    /// One worker and turns, so that who gets which request is no matter of chance.
    private static func proxy(
        _ origins: [OriginServer],
        _ adjust: (inout Config) -> Void = { _ in }
    ) throws -> ProxyUnderTest {
        var config = Config.forTests(
            blue: origins.map(\.endpoint),
            green: [origins[0].endpoint]
        )
        config.workers = 1
        config.upstream.balance = .roundRobin
        config.upstream.ejection?.time = .seconds(3_600)
        config.upstream.ejection?.timeLimit = .seconds(3_600)
        adjust(&config)
        return try ProxyUnderTest(config)
    }

    private static func endpoint(
        _ origin: OriginServer,
        in proxy: ProxyUnderTest
    ) throws -> Statistics.Endpoint {
        try #require(
            proxy.server.statistics().endpoints.first {
                $0.endpoint == origin.authority && $0.slot == "blue"
            }
        )
    }

    private static func origins(_ count: Int) throws -> [OriginServer] {
        try (0..<count).map { try OriginServer("\($0)") }
    }

    @Test func `five failures in a row take an endpoint out that its probes call healthy`() throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins)
        origins[1].behave { $0.reset() }
        let downstream = try proxy.connect()

        let first = try (0..<10).map { _ in try downstream.get("/").status }
        let later = try (0..<50).map { _ in try downstream.get("/") }

        #expect(first.filter { $0 == 502 }.count == 5)
        #expect(later.allSatisfy { $0.status == 200 && $0["X-Origin"] == "0" })
        let out = try Self.endpoint(origins[1], in: proxy)
        #expect(out.isEjected && out.ejectedForSeconds > 3_000)
        #expect(out.health == .healthy)
        #expect(out.ejections.map(\.count) == [1, 0])
        #expect(!(try Self.endpoint(origins[0], in: proxy).isEjected))
    }

    @Test func `a success between failures starts the count again`() throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins) { $0.upstream.ejection?.minimumRequests = 1_000 }
        let count = Monitor(0)
        origins[1].behave { exchange in
            let number = count.use { count in
                count += 1
                return count
            }
            if number % 5 == 0 { try exchange.respond() } else { exchange.reset() }
        }
        let downstream = try proxy.connect()

        for _ in 0..<60 { _ = try downstream.get("/") }

        #expect(!(try Self.endpoint(origins[1], in: proxy).isEjected))
        #expect(count.current == 30)
    }

    @Test func `half of the attempts failing takes an endpoint out`() throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins) {
            $0.upstream.ejection?.consecutiveFailures = 1_000
            $0.upstream.ejection?.window = .seconds(3_600)
            // A reset on a pooled connection may be an old one's end, and is forgiven.
            $0.upstream.idleConnections = 0
        }
        let count = Monitor(0)
        origins[1].behave { exchange in
            let isEven = count.use { count in
                count += 1
                return count.isMultiple(of: 2)
            }
            if isEven { try exchange.respond() } else { exchange.reset() }
        }
        let downstream = try proxy.connect()

        for _ in 0..<50 { _ = try downstream.get("/") }

        let out = try Self.endpoint(origins[1], in: proxy)
        #expect(out.isEjected)
        #expect(out.ejections.map(\.count) == [0, 1])
        // The share was judged as soon as there were enough attempts to judge by.
        #expect((20...21).contains(count.current))
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 1), (4, 2)])
    func `never more than half of the endpoints are out`(count: Int, out: Int) throws {
        let origins = try Self.origins(count)
        let proxy = try Self.proxy(origins)
        for origin in origins { origin.behave { $0.reset() } }
        let downstream = try proxy.connect()

        let statuses = try (0..<20 * count).map { _ in try downstream.get("/").status }

        let ejected = try origins.filter { try Self.endpoint($0, in: proxy).isEjected }
        #expect(ejected.count == out)
        #expect(statuses.allSatisfy { $0 == 502 })
    }

    @Test func `a server error is a failure only where the configuration says so`() throws {
        for (counts, isOut) in [(false, false), (true, true)] {
            let origins = try Self.origins(2)
            let proxy = try Self.proxy(origins) { $0.upstream.ejection?.serverErrors = counts }
            origins[1].behave { try $0.respond("500 Broken") }
            let downstream = try proxy.connect()

            for _ in 0..<20 { _ = try downstream.get("/") }

            #expect(try Self.endpoint(origins[1], in: proxy).isEjected == isOut)
        }
    }

    @Test(arguments: [true, false])
    func `an endpoint comes back after its time, by a probe or without one`(isProbed: Bool) throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins) {
            $0.upstream.ejection?.time = .milliseconds(200)
            if !isProbed { $0.probe(.none) }
        }
        origins[1].behave { $0.reset() }
        let downstream = try proxy.connect()
        for _ in 0..<10 { _ = try downstream.get("/") }
        #expect(try Self.endpoint(origins[1], in: proxy).ejections.map(\.count) == [1, 0])

        origins[1].behave { try $0.respond() }

        try eventually("it serves again") { try downstream.get("/")["X-Origin"] == "1" }
        #expect(!(try Self.endpoint(origins[1], in: proxy).isEjected))
    }

    @Test func `where nothing else is left, what was ejected is tried`() throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins)
        origins[1].behave { $0.reset() }
        let downstream = try proxy.connect()
        for _ in 0..<10 { _ = try downstream.get("/") }
        #expect(try Self.endpoint(origins[1], in: proxy).isEjected)

        origins[1].behave { try $0.respond() }
        origins[0].isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: origins[0])

        #expect(try downstream.get("/")["X-Origin"] == "1")
        let lane = proxy.server.statistics().lanes.first { $0.slot == "blue" }
        #expect(lane?.lastResort == 1)
    }

    @Test func `who comes back begins with a small share`() throws {
        let origins = try Self.origins(2)
        let proxy = try Self.proxy(origins) { $0.upstream.slowStart = .seconds(24 * 60 * 60) }
        origins[1].isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: origins[1])
        origins[1].isHealthy = true
        try proxy.waitForHealth(.healthy, of: origins[1])
        let downstream = try proxy.connect()
        // The weights are looked at every few milliseconds.
        try eventually("the first share is small") {
            try (0..<11).count { _ in try downstream.get("/")["X-Origin"] == "1" } <= 1
        }

        let mine = try (0..<220).count { _ in try downstream.get("/")["X-Origin"] == "1" }

        // A tenth beside a whole is one of eleven.
        #expect((19...21).contains(mine))
    }

    @Test func `without a healthy endpoint the answer is 503 at once, and counted`() throws {
        let origin = try OriginServer("only")
        let proxy = try ProxyUnderTest(blue: origin)
        origin.isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: origin)

        let response = try proxy.get()

        try expectError(response, status: 503)
        #expect(response["Retry-After"] == "1")
        #expect(origin.requests.isEmpty)
        let lane = proxy.server.statistics().lanes.first { $0.slot == "blue" }
        #expect(lane?.unserved == 1)
    }

    @Test func `with fail_open an endpoint that is not healthy is tried all the same`() throws {
        let origin = try OriginServer("only")
        let proxy = try ProxyUnderTest(blue: origin) { $0.upstream.failOpen = true }
        origin.isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: origin)

        #expect(try proxy.get().status == 200)
        let lane = proxy.server.statistics().lanes.first { $0.slot == "blue" }
        #expect(lane?.lastResort == 1)
        #expect(lane?.unserved == 0)
    }

    @Test func `a connect that fails at once is counted and leaves nothing in flight`() throws {
        let folder = try TemporaryFolder()
        let path = folder["nobody.sock"]
        let nobody = Config.Endpoint(authority: "unix:\(path)", target: .address(.unix(path: path)))
        let proxy = try ProxyUnderTest(
            Config.forTests(blue: [nobody], green: [nobody]).with { $0.probe(.none) }
        )

        try expectError(try proxy.get(), status: 502)

        let endpoint = try #require(proxy.server.statistics().endpoints.first)
        #expect(endpoint.inFlight == 0)
        #expect(endpoint.activeConnections == 0)
        #expect(endpoint.attempts.map(\.outcome) == ["connect_failure"])
        #expect(endpoint.attempts.map(\.count) == [2])
    }
}

extension Sequence {
    fileprivate func count(_ isCounted: (Element) throws -> Bool) rethrows -> Int {
        try reduce(0) { try $0 + (isCounted($1) ? 1 : 0) }
    }
}
