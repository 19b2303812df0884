import Proxy

@testable import Admin

extension Config.Rollout {
    /// 5 → 25 → 50 %, a promotion by itself, a bake of five minutes with a control group.
    static var sample: Config.Rollout {
        var plan = Config.Rollout()
        plan.steps = [5, 25, 50].map { percent in
            Step(weight: Weight(basisPoints: percent * 100), requests: 100, time: .seconds(10))
        }
        plan.promotion = .automatic
        plan.badWindows = 2
        return plan
    }
}

extension Rollout {
    static func sample(
        _ plan: Config.Rollout = .sample,
        number: UInt64 = 1
    ) -> Rollout {
        Rollout(
            number: number,
            candidate: SlotID(1),
            plan: plan,
            beginning: Beginning(actor: "test", reason: nil, time: "2026-01-31T12:00:00.000Z"),
            reason: "started"
        )
    }

    static let good = Event.judged(Judgement(.pass, requests: 1_000, reason: "all is well"))
    static let bad = Event.judged(Judgement(.fail, requests: 1_000, reason: "errors 10 %"))
    static let unclear = Event.judged(Judgement(.inconclusive, requests: 3, reason: "few"))

    /// Takes events one after the other, each a minute after the last, and returns what the last
    /// one led to.
    @discardableResult
    mutating func take(_ events: Event...) throws -> [Action] {
        var actions: [Action] = []
        for event in events { actions = try handle(event, at: elapsed + .seconds(60)) }
        return actions
    }
}
