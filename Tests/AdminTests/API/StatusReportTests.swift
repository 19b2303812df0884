import Testing

@testable import Admin
@testable import Proxy

@Suite("Status report")
struct StatusReportTests {
    private func report(
        splitBaseline: [UInt64] = [0, 0],
        routing: RoutingState = RoutingState(
            generation: 7,
            active: SlotID(0),
            canary: Weight(basisPoints: 2_500)
        )
    ) -> JSON {
        let slots = ["blue", "green"].map { Config.Slot(name: $0, endpoints: [[]]) }
        let config = Config(
            listeners: [],
            services: [Config.Service(name: "backend")],
            slots: slots,
            activeSlot: SlotID(0)
        )
        let loaded = LoadedConfig(path: "proxy.json", hash: "0", time: Timestamp(seconds: 0))
        let report = StatusReport(
            config: config,
            routing: routing,
            facts: .init(saved: .sample, loaded: loaded, splitBaseline: splitBaseline),
            statistics: .sample,
            listeners: [],
            started: Timestamp(seconds: 100),
            now: Timestamp(seconds: 160, milliseconds: 400),
            isReady: true,
            verdicts: ["blue", "green"].map {
                Verdict(slot: $0, state: .inconclusive, checks: [])
            }
        )
        return report.json(admin: ("127.0.0.1:0", "127.0.0.1:8081"))
    }

    @Test func `the actual share counts from the last change of the split on`() {
        let fromStart = report()["slots"]
        let fromChange = report(splitBaseline: [5, 1])["slots"]

        #expect(fromStart?["blue"]?["actual_percent"]?.double == 75)
        #expect(fromStart?["green"]?["requests_since_change"]?.integer == 2)
        #expect(fromChange?["blue"]?["actual_percent"]?.double == 50)
        #expect(fromChange?["green"]?["requests_since_change"]?.integer == 1)
    }

    @Test func `without requests there is no actual share`() {
        let slots = report(splitBaseline: [6, 2])["slots"]

        #expect(slots?["blue"]?["actual_percent"]?.isNull == true)
    }

    @Test func `exchanges drain on a slot that takes no traffic`() {
        let left = RoutingState(generation: 8, active: SlotID(1), previous: SlotID(0))

        let drained = report(routing: left)["slots"]?["blue"]
        let active = report()["slots"]?["blue"]

        #expect(drained?["draining"]?.integer == 2)
        #expect(drained?["weight_percent"]?.integer == 0)
        #expect(active?["draining"]?.integer == 0)
        #expect(active?["in_flight"]?.integer == 2)
    }

    @Test func `a slot is healthy when each service has a healthy endpoint`() {
        let slots = report()["slots"]

        #expect(slots?["blue"]?["healthy"]?.bool == true)
        #expect(slots?["green"]?["healthy"]?.bool == false)
        #expect(report()["uptime_seconds"]?.integer == 60)
    }
}
