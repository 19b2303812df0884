import Proxy

/// A whole rollout on requests that were made up and by a clock that is an argument: the state
/// machine and the judge are those that move real traffic.
package struct RolloutTrial {
    private var judge: JudgeTrial
    private var rollout: Rollout
    /// Requests of the candidate since the share last changed.
    private var requests: UInt64 = 0

    /// Steps of a minute at least, a promotion by itself, and the default watch.
    package init(percents: [Int]) {
        judge = JudgeTrial(p95Ratio: Config.JudgeThresholds().p95Ratio ?? .infinity)
        var plan = Config.Rollout()
        plan.steps = percents.map { percent in
            let weight = Weight(basisPoints: 100 * UInt32(percent))
            return Config.Rollout.Step(weight: weight, time: .seconds(60))
        }
        plan.promotion = .automatic
        plan.deadline = .seconds(86_400)
        let beginning = Rollout.Beginning(actor: "simulation", reason: nil, time: "")
        rollout = Rollout(
            number: 1,
            candidate: SlotID(0),
            plan: plan,
            beginning: beginning,
            reason: "started"
        )
        tell(.probed(.passed), after: 0)
    }

    /// The candidate's share of the traffic, from 0 to 1.
    package var share: Double { rollout.weight.percent / 100 }

    package var outcome: Rollout.Outcome? { rollout.state.outcome }

    /// Whether a window was found to be bad, in a step or in the watch.
    package var wasBad: Bool { rollout.badWindows > 0 || outcome == .rolledBack }

    /// The candidate is the active slot, for now or for good.
    package var isPromoted: Bool { rollout.hasSwitched }

    /// One attempt at `slot`, 0 for the candidate.
    package mutating func attempt(slot: Int, fails: Bool, seconds: Double) {
        judge.attempt(slot: slot, fails: fails, seconds: seconds)
        if slot == 0 { requests += 1 }
    }

    /// Looks at the figures so many whole seconds after the start, and does what follows.
    package mutating func look(after seconds: Int) {
        let verdict = judge.verdict(after: seconds)
        let judgement = Rollout.Judgement(verdict.state, requests: requests, reason: "")
        tell(.judged(judgement), after: seconds)
    }

    private mutating func tell(_ event: Rollout.Event, after seconds: Int) {
        let actions: [Rollout.Action]
        do throws(RolloutRefusal) {
            actions = try rollout.handle(event, at: .seconds(seconds))
        } catch { preconditionFailure("only persons are refused") }
        guard actions.contains(.beginWindow) else { return }
        requests = 0
        judge.begin(after: seconds)
    }
}
