import Proxy
import Testing

@testable import Admin

/// Each transition of the machine, with a restart of the program before the next one.
@Suite("Rollout: restarts")
struct RolloutRestartTests {
    private static let slots = ["blue", "green"]

    /// Persons and gates before the second step; time decides nothing, for it begins anew.
    private static var plan: Config.Rollout {
        var plan = Config.Rollout.sample
        for step in plan.steps.indices { plan.steps[step].time = nil }
        plan.steps[1].approve = true
        var gate = Config.Rollout.Webhook()
        if let url = HTTPURL("http://127.0.0.1:9/may") { gate.url = url }
        plan.gates = [gate]
        plan.bake?.time = .milliseconds(1)
        plan.badWindows = 3
        plan.deadline = .seconds(600)
        plan.userFailureLimit = 50
        return plan
    }

    private static func opened(_ step: Int) -> Rollout.Event { .gate(step: step, .passed) }

    private static let toSecondStep: [Rollout.Event] = [
        .probed(.passed), .gate(step: 0, .failed("not yet")), opened(0), Rollout.unclear,
        Rollout.good, .promote(full: false), opened(1),
    ]

    /// What happens one after the other, until an end.
    private static let courses: [[Rollout.Event]] = [
        toSecondStep + [
            .pause, Rollout.good, .resume, Rollout.good, opened(2), Rollout.good, opened(3),
            Rollout.unclear, Rollout.good, Rollout.bad,
        ],
        toSecondStep + [Rollout.bad, Rollout.unclear, Rollout.good, Rollout.bad, Rollout.bad],
        toSecondStep + [
            .promote(full: true), .stableHealth(false), Rollout.bad, .tick, .stableHealth(true),
        ],
        toSecondStep + [.userFailures(40), .userFailures(11)],
        toSecondStep + [.tick, .tick, .tick, .tick, .tick, .abort(reason: "late")],
        toSecondStep + [.stableHealth(false), Rollout.bad, .overruled(reason: "force")],
        [.probed(.failed("it answered 500")), .probed(.passed)],
        [.probed(.passed), .abort(reason: "no"), .promote(full: true)],
        [.pause, .probed(.passed), .resume, .probed(.passed), opened(0), .deadline],
    ]

    /// As it is read after a restart, when the driver has told it of the stable slot again.
    private static func restarted(_ rollout: Rollout) throws -> Rollout {
        let json = try JSONParser.parse(Array(rollout.savedJSON(slots: slots).line.utf8))
        var read = try #require(Rollout(json, slots: slots))
        if !rollout.isStableHealthy { read.isStableHealthy = false }
        return read
    }

    /// Everything but when the state began.
    private static func timeless(_ rollout: Rollout) -> Rollout {
        var rollout = rollout
        rollout.stateBegan = .zero
        return rollout
    }

    @Test(arguments: courses, [Config.Rollout.Inconclusive.hold, .abort])
    func `after every event, the program may end and the rollout does not notice`(
        course: [Rollout.Event],
        policy: Config.Rollout.Inconclusive
    ) throws {
        var plan = Self.plan
        plan.inconclusive = policy
        var rollout = Rollout.sample(plan)
        for event in course {
            var other = try Self.restarted(rollout)
            #expect(Self.timeless(other) == Self.timeless(rollout))

            let actions = try? rollout.take(event)
            let otherActions = try? other.take(event)

            #expect(otherActions == actions, "\(event)")
            #expect(Self.timeless(other) == Self.timeless(rollout), "\(event)")
        }
        #expect(rollout.isOver || rollout.state == .running(0))
        #expect(Self.timeless(try Self.restarted(rollout)) == Self.timeless(rollout))
    }

    @Test func `every state and every end is among them, and every kind of event`() {
        var states: Set<String> = []
        var outcomes: Set<Rollout.Outcome> = []
        for policy in Config.Rollout.Inconclusive.allCases {
            for course in Self.courses {
                var plan = Self.plan
                plan.inconclusive = policy
                var rollout = Rollout.sample(plan)
                for event in course {
                    states.insert(rollout.state.word)
                    _ = try? rollout.take(event)
                    if rollout.isOverdue { states.insert("overdue") }
                }
                states.insert(rollout.state.word)
                if let outcome = rollout.state.outcome { outcomes.insert(outcome) }
            }
        }
        let kinds = Set(Self.courses.joined().map { "\($0)".prefix { $0 != "(" } })

        #expect(states == Set(Rollout.State.words + ["overdue"]))
        #expect(outcomes == Set(Rollout.Outcome.allCases))
        #expect(
            kinds == [
                "tick", "deadline", "probed", "gate", "judged", "userFailures", "stableHealth",
                "promote", "pause", "resume", "abort", "overruled",
            ]
        )
    }
}
