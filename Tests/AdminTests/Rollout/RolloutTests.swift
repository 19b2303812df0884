import Proxy
import Testing

@testable import Admin

@Suite("Rollout")
struct RolloutTests {
    private var rollout = Rollout.sample()

    private static func share(_ percent: UInt32) -> [Rollout.Action] {
        [.change(.setCanary(Weight(basisPoints: percent * 100))), .beginWindow]
    }

    private static let promotion: [Rollout.Action] = [
        .change(.promote(to: SlotID(1), holdBack: Weight(basisPoints: 500))), .beginWindow,
    ]

    @Test mutating func `a good candidate takes every step, bakes and is promoted by itself`()
        throws
    {
        #expect(try rollout.take(.probed(.passed)) == Self.share(5))
        #expect(rollout.state == .running(0))
        #expect(try rollout.take(Rollout.good) == Self.share(25))
        #expect(try rollout.take(Rollout.good) == Self.share(50))
        #expect(try rollout.take(Rollout.good) == Self.promotion)
        #expect(rollout.state == .baking)
        #expect(rollout.weight == Weight(basisPoints: 9_500))
        for _ in 1...4 { #expect(try rollout.take(Rollout.good) == []) }
        #expect(try rollout.take(Rollout.good) == [.change(.clearCanary)])
        #expect(rollout.state == .ended(.promoted))
    }

    @Test mutating func `a step ends by a pass, its requests and its time, not by two of them`()
        throws
    {
        try rollout.take(.probed(.passed))
        let began = rollout.elapsed
        let few = Rollout.Event.judged(.init(.pass, requests: 99, reason: ""))

        let early = try rollout.handle(Rollout.good, at: began + .milliseconds(9_999))
        let thin = try rollout.handle(few, at: began + .seconds(60))
        let unclear = try rollout.handle(Rollout.unclear, at: began + .seconds(60))
        #expect([early, thin, unclear] == [[], [], []])

        #expect(try rollout.handle(Rollout.good, at: began + .seconds(60)) == Self.share(25))
    }

    @Test mutating func `the first bad window takes the share to the floor, passing ones climb`()
        throws
    {
        try rollout.take(.probed(.passed), Rollout.good, Rollout.good)
        #expect(rollout.state == .running(2))

        #expect(try rollout.take(Rollout.bad) == Self.share(1))
        #expect(rollout.state == .derated(2))
        #expect(try rollout.take(Rollout.unclear) == [])

        #expect(try rollout.take(Rollout.good) == Self.share(5))
        #expect(try rollout.take(Rollout.good) == Self.share(25))
        #expect(rollout.badWindows == 1)
    }

    @Test mutating func `as many bad windows as the plan says end it`() throws {
        try rollout.take(.probed(.passed), Rollout.bad)

        #expect(try rollout.take(Rollout.bad) == [.change(.clearCanary)])
        #expect(rollout.state == .ended(.aborted))
        #expect(rollout.reason == "errors 10 %")
    }

    @Test mutating func `bad windows are counted over the whole rollout`() throws {
        try rollout.take(.probed(.passed), Rollout.bad, Rollout.good, Rollout.good, Rollout.good)
        #expect(rollout.state == .running(2))

        try rollout.take(Rollout.bad)

        #expect(rollout.state == .ended(.aborted))
    }

    @Test mutating func `a floor above the step is no reason to raise it`() throws {
        var plan = Config.Rollout.sample
        plan.floor = Weight(basisPoints: 2_000)
        rollout = .sample(plan)
        try rollout.take(.probed(.passed))

        #expect(try rollout.take(Rollout.bad) == Self.share(5))
    }

    @Test mutating func `bad in the bake is back at once`() throws {
        try rollout.take(.probed(.passed), Rollout.good, Rollout.good, Rollout.good)

        #expect(try rollout.take(Rollout.bad) == [.change(.rollback)])
        #expect(rollout.state == .ended(.rolledBack))
    }

    @Test mutating func `a bake without evidence goes on`() throws {
        try rollout.take(.probed(.passed), Rollout.good, Rollout.good, Rollout.good)

        for _ in 1...20 { #expect(try rollout.take(Rollout.unclear) == []) }

        #expect(rollout.state == .baking)
    }

    @Test mutating func `without a bake the promotion is the end`() throws {
        var plan = Config.Rollout.sample
        plan.bake = nil
        plan.steps = []
        rollout = .sample(plan)

        let actions = try rollout.take(.probed(.passed))

        #expect(actions == [.change(.promote(to: SlotID(1), holdBack: nil))])
        #expect(rollout.state == .ended(.promoted))
    }

    @Test mutating func `a failed probe ends it before any user is touched`() throws {
        #expect(try rollout.take(.probed(.failed("GET / of app: 500"))) == [])
        #expect(rollout.state == .ended(.aborted))
        #expect(rollout.weight == .none)
    }

    @Test mutating func `a verdict on a slot without users is none`() throws {
        #expect(try rollout.take(Rollout.bad, Rollout.bad, Rollout.bad) == [])
        #expect(rollout.state == .probing)
    }

    @Test mutating func `more failures than users may see end it`() throws {
        var plan = Config.Rollout.sample
        plan.userFailureLimit = 25
        rollout = .sample(plan)
        try rollout.take(.probed(.passed))

        #expect(try rollout.take(.userFailures(25)) == [])
        #expect(try rollout.take(.userFailures(1)) == [.change(.clearCanary)])
        #expect(rollout.userFailures == 26)
        #expect(rollout.state == .ended(.aborted))
    }
}

// MARK: Waiting

@Suite("Rollout: waiting")
struct RolloutWaitTests {
    private var rollout: Rollout

    init() {
        var plan = Config.Rollout.sample
        plan.steps[1].approve = true
        plan.gates = [Config.Rollout.Webhook()]
        plan.promotion = .approve
        rollout = .sample(plan)
    }

    @Test mutating func `a gate is asked before every step, a person where the plan says`() throws {
        var states: [Rollout.State] = []
        let events: [Rollout.Event] = [
            .probed(.passed), .gate(step: 0, .passed), Rollout.good, .promote(full: false),
            .gate(step: 1, .passed), Rollout.good, .gate(step: 2, .passed), Rollout.good,
            .promote(full: false), .gate(step: 3, .passed),
        ]
        for event in events {
            try rollout.take(event)
            states.append(rollout.state)
        }

        let expected: [Rollout.State] = [
            .gating(0), .running(0), .approving(1), .gating(1), .running(1), .gating(2),
            .running(2), .approving(3), .gating(3), .baking,
        ]
        #expect(states == expected)
    }

    @Test mutating func `a closed gate holds, and says why`() throws {
        try rollout.take(.probed(.passed), .gate(step: 0, .failed("it answered 403")))

        #expect(rollout.state == .gating(0))
        #expect(rollout.reason == "it answered 403")
    }

    @Test mutating func `an answer for another step opens nothing`() throws {
        try rollout.take(.probed(.passed), .gate(step: 1, .passed))

        #expect(rollout.state == .gating(0))
    }

    @Test(arguments: [false, true])
    mutating func `a gate or a person that is waited for does not suspend the judge`(
        isGate: Bool
    ) throws {
        try rollout.take(.probed(.passed), .gate(step: 0, .passed), Rollout.good)
        if isGate { try rollout.take(.promote(full: false)) }
        #expect(rollout.state == (isGate ? .gating(1) : .approving(1)))

        let actions = try rollout.take(Rollout.bad)

        #expect(rollout.state == .derated(0))
        #expect(actions == [.change(.setCanary(Weight(basisPoints: 100))), .beginWindow])
    }

    @Test mutating func `who climbs again is not asked again`() throws {
        try rollout.take(.probed(.passed), .gate(step: 0, .passed), Rollout.good)
        try rollout.take(.promote(full: false), .gate(step: 1, .passed), Rollout.bad)
        #expect(rollout.state == .derated(1))

        try rollout.take(Rollout.good, Rollout.good)

        #expect(rollout.state == .running(1))
    }

    @Test mutating func `a pause holds the step, not the judge`() throws {
        try rollout.take(.probed(.passed), .gate(step: 0, .passed), .pause)

        #expect(try rollout.take(Rollout.good) == [])
        try rollout.take(Rollout.bad)
        #expect(rollout.state == .derated(0))
        #expect(try rollout.take(Rollout.good) == [])

        try rollout.take(.resume, Rollout.good)
        #expect(rollout.state == .running(0))
    }

    @Test mutating func `a paused probe or gate opens nothing`() throws {
        try rollout.take(.pause, .probed(.passed))
        #expect(rollout.state == .probing)

        try rollout.take(.resume, .probed(.passed), .pause, .gate(step: 0, .passed))
        #expect(rollout.state == .gating(0))
    }

    @Test mutating func `promote opens what is waited for, and full goes to the end`() throws {
        try rollout.take(.probed(.passed), .promote(full: false))
        #expect(rollout.state == .running(0))

        try rollout.take(.promote(full: true))
        #expect(rollout.state == .baking)

        try rollout.take(.promote(full: false))
        #expect(rollout.state == .ended(.promoted))
    }

    @Test mutating func `nobody vouches for a candidate that was not probed or was just bad`()
        throws
    {
        #expect(throws: RolloutRefusal.self) { try rollout.take(.promote(full: true)) }

        try rollout.take(.probed(.passed), .gate(step: 0, .passed), Rollout.bad)
        let before = rollout.state

        #expect(throws: RolloutRefusal.self) { try rollout.take(.promote(full: true)) }
        #expect(rollout.state == before)
    }
}
