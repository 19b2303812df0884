import Proxy
import Testing

@testable import Admin

@Suite("Rollout: ending")
struct RolloutEndTests {
    /// Every state, and how a rollout gets there.
    static let ways: [(Rollout.State, [Rollout.Event])] = [
        (.probing, []),
        (.gating(0), [.probed(.passed)]),
        (.running(0), [.probed(.passed), .gate(step: 0, .passed)]),
        (.derated(0), [.probed(.passed), .gate(step: 0, .passed), Rollout.bad]),
        (.approving(1), [.probed(.passed), .gate(step: 0, .passed), Rollout.good]),
        (
            .baking,
            [.probed(.passed), .gate(step: 0, .passed), .promote(full: true)]
        ),
    ]

    static func rollout(after events: [Rollout.Event]) throws -> Rollout {
        var plan = Config.Rollout.sample
        plan.steps[1].approve = true
        plan.gates = [Config.Rollout.Webhook()]
        var rollout = Rollout.sample(plan)
        for event in events { try rollout.take(event) }
        return rollout
    }

    @Test(arguments: ways)
    func `an abort ends every state, paused or not, and takes the traffic back`(
        state: Rollout.State,
        way: [Rollout.Event]
    ) throws {
        for isPaused in [false, true] {
            var rollout = try Self.rollout(after: way)
            #expect(rollout.state == state)
            if isPaused { try rollout.take(.pause) }

            let actions = try rollout.take(.abort(reason: "no"))

            let isBaking = state == .baking
            #expect(actions == [.change(isBaking ? .rollback : .clearCanary)])
            #expect(rollout.state == .ended(isBaking ? .rolledBack : .aborted))
            #expect(rollout.reason == "no")
        }
    }

    @Test(arguments: ways)
    func `an ill stable slot gets nothing back until it is well`(
        state: Rollout.State,
        way: [Rollout.Event]
    ) throws {
        var rollout = try Self.rollout(after: way + [.stableHealth(false)])
        let hasUsers = rollout.weight > .none

        let actions = try rollout.take(.abort(reason: "no"))
        guard hasUsers else {
            #expect(rollout.state == .ended(.aborted))
            return
        }
        #expect(actions == [])
        let outcome: Rollout.Outcome = state == .baking ? .rolledBack : .aborted
        #expect(rollout.state == .stranded(outcome))
        #expect(rollout.reason.contains("the stable slot is not healthy"))

        let back = try rollout.take(.stableHealth(true))
        #expect(back == [.change(state == .baking ? .rollback : .clearCanary)])
        #expect(rollout.state == .ended(outcome))
    }

    @Test func `an abort is sticky: nothing but health or force ends the wait`() throws {
        var rollout = try Self.rollout(after: Self.ways[2].1 + [.stableHealth(false)])
        try rollout.take(.abort(reason: "no"))
        let stranded = rollout.state

        for event in [.promote(full: true), .pause, .resume] as [Rollout.Event] {
            #expect(throws: RolloutRefusal.self) { try rollout.take(event) }
        }
        for event in [Rollout.good, Rollout.bad, .tick, .abort(reason: "again")] {
            #expect(try rollout.take(event) == [])
        }
        #expect(rollout.state == stranded)

        #expect(try rollout.take(.overruled(reason: "somebody")) == [])
        #expect(rollout.state == .ended(.aborted))
    }

    @Test func `a bad window is no reason to move users to an ill stable slot`() throws {
        var rollout = try Self.rollout(after: Self.ways[2].1 + [.stableHealth(false)])

        #expect(try rollout.take(Rollout.bad) == [.beginWindow])

        #expect(rollout.state == .running(0))
        #expect(rollout.badWindows == 1)
    }

    @Test func `an end stays an end`() throws {
        var rollout = Rollout.sample()
        try rollout.take(.abort(reason: "no"))
        let ended = rollout

        for event in [
            Rollout.good, Rollout.bad, .probed(.passed), .gate(step: 0, .passed), .deadline,
            .stableHealth(false), .userFailures(7), .overruled(reason: "somebody"),
        ] {
            #expect(try rollout.take(event) == [])
        }
        for event in [.promote(full: false), .pause, .resume, .abort(reason: "")]
            as [Rollout.Event]
        {
            #expect(throws: RolloutRefusal(message: "the rollout is over: aborted")) {
                try rollout.take(event)
            }
        }
        #expect(rollout.state == ended.state)
        #expect(rollout.reason == "no")
    }

    @Test func `who is out of time says what was missing`() throws {
        var plan = Config.Rollout.sample
        plan.inconclusive = .abort
        plan.deadline = .seconds(150)
        var rollout = Rollout.sample(plan)
        try rollout.take(.probed(.passed), Rollout.unclear, .tick)

        #expect(rollout.state == .ended(.inconclusive))
        #expect(rollout.reason == "no decision within 150s: few")
    }

    @Test(arguments: [Config.Rollout.Inconclusive.hold, .abort])
    func `at the deadline the plan decides, and persons' time does not count`(
        policy: Config.Rollout.Inconclusive
    ) throws {
        var plan = Config.Rollout.sample
        plan.inconclusive = policy
        plan.deadline = .seconds(300)
        plan.steps[0].approve = true
        var rollout = Rollout.sample(plan)
        try rollout.take(.probed(.passed))
        for _ in 1...20 { #expect(try rollout.take(.tick) == []) }
        try rollout.take(.promote(full: false), .pause)
        for _ in 1...20 { #expect(try rollout.take(.tick) == []) }
        try rollout.take(.resume, .tick, .tick)
        #expect(!rollout.isOverdue)
        #expect(rollout.state == .running(0))

        let actions = try rollout.take(.tick)

        switch policy {
        case .hold:
            #expect(actions == [])
            #expect(rollout.isOverdue)
            #expect(rollout.state == .running(0))
            // Evidence that comes late is evidence.
            try rollout.take(Rollout.good)
            #expect(rollout.state == .running(1))
        case .abort:
            #expect(actions == [.change(.clearCanary)])
            #expect(rollout.state == .ended(.inconclusive))
        }
        #expect(rollout.badWindows == 0)
    }
}
