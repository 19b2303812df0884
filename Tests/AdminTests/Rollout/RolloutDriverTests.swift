import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Rollout driver")
struct RolloutDriverTests {
    private func order(_ change: (inout Config.Rollout) -> Void) -> RolloutOrder {
        var plan = Config.Rollout()
        plan.steps = []
        change(&plan)
        return RolloutOrder(
            candidate: SlotID(1),
            plan: plan,
            terms: ChangeTerms(actor: "test")
        )
    }

    @Test func `it wakes for a rollout and takes it to its end`() throws {
        let yard = try YardUnderTest()
        let driver = try RolloutDriver(yard.control)
        driver.start()

        _ = try yard.control.startRollout(
            order { plan in
                plan.promotion = .automatic
                plan.bake = nil
            }
        )

        try eventually("it is promoted") { yard.control.rollout?.state == .ended(.promoted) }
        #expect(yard.server.routing.active == SlotID(1))
        driver.stop()
    }

    @Test func `what cannot be done is told once and tried again`() throws {
        let yard = try YardUnderTest(sickSlot: 1)
        let driver = try RolloutDriver(yard.control)
        _ = try yard.control.startRollout(order { $0.promotion = .automatic })
        // Somebody vouches for the probes of a slot that cannot take the traffic.
        let terms = ChangeTerms(actor: "test")
        #expect(throws: Refusal.self) { try yard.control.handle(.probed(.passed), terms: terms) }

        #expect(yard.control.rollout?.state == .probing)
        #expect(yard.server.routing.active == SlotID(0))
        driver.stop()
    }
}
