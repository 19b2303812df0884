import Testing

@testable import Admin
@testable import Proxy

@Suite("Slot health")
struct SlotHealthTests {
    private func endpoint(
        _ slot: String,
        _ service: String,
        _ health: Health,
        reason: String? = nil
    ) -> Statistics.Endpoint {
        Statistics.Endpoint(
            slot: slot,
            service: service,
            endpoint: "10.0.0.1:80",
            health: health,
            reason: reason,
            weight: 1
        )
    }

    private func faults(_ endpoints: [Statistics.Endpoint]) -> [ServiceFault] {
        SlotHealth.faults(ofSlot: "green", services: ["api", "web"], endpoints: endpoints)
    }

    @Test func `one healthy endpoint of each service is enough`() {
        let found = faults([
            endpoint("green", "api", .unhealthy), endpoint("green", "api", .healthy),
            endpoint("green", "web", .healthy),
        ])

        #expect(found.isEmpty)
    }

    @Test func `unknown, unhealthy and missing endpoints count as not healthy`() {
        let found = faults([
            endpoint("green", "api", .unknown),
            endpoint("green", "api", .unhealthy, reason: "status 500"),
            endpoint("blue", "web", .healthy),
        ])

        #expect(
            found == [
                ServiceFault(
                    service: "api",
                    reason: "10.0.0.1:80: not probed yet; 10.0.0.1:80: status 500"
                ),
                ServiceFault(service: "web", reason: "it has no endpoint"),
            ]
        )
    }
}
