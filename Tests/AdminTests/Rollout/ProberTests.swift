import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Prober")
struct ProberTests {
    /// A rollout with this probe, begun on a yard whose green slot is `origin`.
    private func prober(
        _ origin: OriginServer,
        _ change: (inout Config.Rollout.Probe) -> Void
    ) throws -> (YardUnderTest, Prober) {
        let yard = try YardUnderTest(green: origin.authority)
        var plan = Config.Rollout()
        change(&plan.probe)
        let order = RolloutOrder(
            candidate: SlotID(1),
            plan: plan,
            terms: ChangeTerms(actor: "test")
        )
        let rollout = try yard.control.startRollout(order)
        return (yard, Prober(control: yard.control, rollout: rollout))
    }

    private func target(_ path: String) -> Config.Rollout.Probe.Target {
        var target = Config.Rollout.Probe.Target()
        (target.service, target.path) = ("web", path)
        return target
    }

    @Test func `every path is asked as often as the plan says`() throws {
        let origin = try OriginServer("green")
        let (yard, prober) = try prober(origin) { probe in
            probe.targets = [target("/a"), target("/b")]
            probe.requests = 2
        }

        #expect(prober.find() == .passed)

        #expect(origin.requests.map(\.target) == ["/a", "/a", "/b", "/b"])
        #expect(yard.control.rollout?.state == .probing)
    }

    @Test func `one bad answer is enough`() throws {
        let origin = try OriginServer("green") { try $0.respond("404 Not Found") }
        let (_, prober) = try prober(origin) { $0.targets = [target("/a")] }

        #expect(prober.find() == .failed("GET /a of \(origin.authority): it answered 404"))
    }

    @Test func `a slot that does not become healthy in time has failed`() throws {
        let origin = try OriginServer("green", listening: false)
        let (_, prober) = try prober(origin) { $0.wait = .milliseconds(100) }

        guard case .failed(let reason) = prober.find() else {
            Issue.record("it passed")
            return
        }
        #expect(reason.contains("the slot green is not healthy"))
        #expect(reason.contains("after 100ms"))
    }

    @Test func `nobody waits for a rollout that has ended`() throws {
        let origin = try OriginServer("green", listening: false)
        let (yard, prober) = try prober(origin) { $0.wait = .seconds(3_600) }
        try yard.control.handle(.abort(reason: "no"), terms: ChangeTerms(actor: "test"))

        #expect(prober.find() == nil)
    }
}
