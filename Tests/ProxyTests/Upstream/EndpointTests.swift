import Testing

@testable import Proxy

@Suite("Endpoint")
struct EndpointTests {
    @Test func `before its first probe nothing is known of it`() {
        let endpoint = Endpoint.forTests()

        #expect(endpoint.health == .unknown)
        #expect(endpoint.reason == nil)
    }

    @Test func `it tells the last verdict and its reason`() {
        let endpoint = Endpoint.forTests()

        endpoint.set(.unhealthy, reason: "status 503")
        #expect(endpoint.health == .unhealthy)
        #expect(endpoint.reason == "status 503")

        endpoint.set(.healthy, reason: nil)
        #expect(endpoint.health == .healthy)
        #expect(endpoint.reason == nil)
    }

    @Test func `each worker counts on its own`() {
        let endpoint = Endpoint.forTests(workers: 3)

        endpoint.counters[1].began()

        #expect(endpoint.counters.map(\.inFlightCount) == [0, 1, 0])
    }

    @Test func `every counter is a cell of its own`() {
        let endpoint = Endpoint.forTests()
        let counters = endpoint.counters[0]
        for outcome in AttemptOutcome.allCases {
            for _ in 0...outcome.rawValue { counters.ended(outcome) }
        }
        for _ in 0..<20 { counters.began() }
        for _ in 0..<30 { counters.parked() }
        for _ in 0..<40 { counters.opened() }
        counters.finished()
        counters.unparked()
        counters.closed()

        for outcome in AttemptOutcome.allCases {
            #expect(counters.attempts(outcome) == UInt64(outcome.rawValue) + 1)
        }
        #expect(counters.inFlightCount == 19)
        #expect(counters.idleCount == 29)
        #expect(counters.openCount == 39)
    }
}
