import Proxy
import TestSupport
import Testing

@Suite("Balancing and names")
struct BalanceTests {
    private static func proxy(
        _ origins: [OriginServer],
        _ adjust: (inout Config) -> Void
    ) throws -> ProxyUnderTest {
        try ProxyUnderTest(
            .forTests(blue: origins.map(\.endpoint), green: [origins[0].endpoint]).with {
                $0.workers = 1
                adjust(&$0)
            }
        )
    }

    @Test func `round robin gives every endpoint the same share`() throws {
        let origins = try (0..<3).map { try OriginServer("\($0)") }
        let proxy = try Self.proxy(origins) { $0.upstream.balance = .roundRobin }
        let downstream = try proxy.connect()

        for _ in 0..<60 { _ = try downstream.get("/") }

        #expect(origins.map(\.requests.count) == [20, 20, 20])
    }

    @Test func `an endpoint with twice the weight gets twice the share`() throws {
        let origins = try (0..<2).map { try OriginServer("\($0)") }
        let proxy = try Self.proxy(origins) {
            $0.upstream.balance = .roundRobin
            $0.slots[0].endpoints[0][0].weight = 2
        }
        let downstream = try proxy.connect()

        for _ in 0..<60 { _ = try downstream.get("/") }

        #expect(origins.map(\.requests.count) == [40, 20])
    }

    @Test func `least request passes a busy endpoint by`() throws {
        let end = Gate()
        let origins = try (0..<2).map { index in
            try OriginServer("\(index)") { exchange in
                if exchange.request.target == "/hold" { try end.pass() }
                try exchange.respond()
            }
        }
        let proxy = try Self.proxy(origins) { $0.upstream.balance = .leastRequest }
        let holders = Beside {
            try inThreads(8) { _ in try proxy.get("/hold").status }
        }
        defer { end.open() }
        try eventually("eight requests are held") {
            origins.map(\.requests.count).reduce(0, +) == 8
        }
        let held = origins.map(\.requests.count)
        // With two endpoints both are always compared, so they fill evenly.
        #expect(held == [4, 4])

        end.open()

        #expect(try holders.value() == Array(repeating: 200, count: 8))
    }

    @Test func `least request spreads over idle endpoints, too`() throws {
        let origins = try (0..<3).map { try OriginServer("\($0)") }
        let proxy = try Self.proxy(origins) { $0.upstream.balance = .leastRequest }
        let downstream = try proxy.connect()

        for _ in 0..<300 { _ = try downstream.get("/") }

        #expect(origins.allSatisfy { $0.requests.count > 30 })
    }

    // MARK: Names

    @Test func `an endpoint may be a name`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { config in
            config.slots[0].endpoints = [
                [
                    Config.Endpoint(
                        authority: "localhost:\(origin.port)",
                        target: .name(host: "localhost", port: origin.port)
                    )
                ]
            ]
        }

        #expect(try proxy.get().status == 200)
        let figures = proxy.server.statistics().endpoints.first { $0.slot == "blue" }
        #expect(figures?.endpoint == "localhost:\(origin.port)")
        #expect(figures?.address == "127.0.0.1:\(origin.port)")
    }

    @Test func `a name is resolved again and again, and keeps its last good answer`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { config in
            config.upstream.resolveInterval = .milliseconds(50)
            config.slots[0].endpoints = [
                [
                    Config.Endpoint(
                        authority: "localhost:\(origin.port)",
                        target: .name(host: "localhost", port: origin.port)
                    )
                ]
            ]
        }
        let downstream = try proxy.connect()
        let probes = origin.probes

        try origin.waitForProbes(probes + 10)

        #expect(try downstream.get("/").status == 200)
    }

    @Test func `a name that nobody knows makes its endpoint unhealthy and says so`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { config in
            config.slots[1].endpoints = [
                [
                    Config.Endpoint(
                        authority: "no-such-host.invalid:80",
                        target: .name(host: "no-such-host.invalid", port: 80)
                    )
                ]
            ]
        }

        let green = proxy.server.statistics().endpoints.first { $0.slot == "green" }

        #expect(green?.health == .unhealthy)
        #expect(green?.address == nil)
        #expect(green?.reason?.isEmpty == false)
        #expect(try proxy.get().status == 200)
    }
}
