import Proxy

/// Why a rollout does not do what a person asked of it: a sentence.
package struct RolloutRefusal: Error, Equatable {
    package let message: String
}

extension Rollout {
    /// Decides what `event` does, `now` after the start.
    ///
    /// Throws only for what a person asks; nothing has changed then.
    package mutating func handle(
        _ event: Event,
        at now: Duration
    ) throws(RolloutRefusal) -> [Action] {
        passTime(until: now)
        switch (state, event) {
        // An end stays an end, and whoever comes late is told so.
        case (.ended(let outcome), .promote), (.ended(let outcome), .pause),
            (.ended(let outcome), .resume), (.ended(let outcome), .abort):
            throw RolloutRefusal(message: "the rollout is over: \(outcome.words)")
        case (.ended, .userFailures(let count)), (.stranded, .userFailures(let count)):
            userFailures += count
            return []
        case (.ended, _): return []

        // An abort comes before everything else and is never taken back.
        case (_, .overruled(let reason)): return end(.aborted, reason, with: nil)
        case (.stranded, .abort): return []
        case (_, .abort(let reason)): return retreat(hasSwitched ? .rolledBack : .aborted, reason)
        case (.stranded(let outcome), .stableHealth(true)):
            isStableHealthy = true
            return retreat(outcome, "the stable slot is healthy again; \(reason)")
        case (_, .stableHealth(let isHealthy)):
            isStableHealthy = isHealthy
            return []
        case (.stranded, .promote), (.stranded, .pause), (.stranded, .resume):
            throw RolloutRefusal(message: "an abort is never taken back; \(reason)")
        case (.stranded, _): return []

        case (_, .userFailures(let count)): return add(count)
        case (_, .deadline): return passDeadline()
        case (_, .tick): return try isLate ? handle(.deadline, at: now) : []
        case (_, .pause), (_, .resume):
            isPaused = event == .pause
            return []

        case (.probing, .probed(.passed)): return isPaused ? [] : proceed(to: 0, "probes passed")
        case (.probing, .probed(.failed(let reason))): return end(.aborted, reason, with: nil)
        case (_, .probed): return []
        case (.gating(let step), .gate(let asked, .passed)) where asked == step && !isPaused:
            openedStep = step
            return proceed(to: step, "the gates are open")
        case (.gating(let step), .gate(let asked, .failed(let reason))) where asked == step:
            self.reason = reason
            return []
        case (_, .gate): return []

        case (_, .promote(let isFull)): return try promote(isFull)
        case (_, .judged(let judgement)): return weigh(judgement)
        }
    }

    /// Time counts towards the deadline unless a person is waited for.
    private mutating func passTime(until now: Duration) {
        guard !isOver else { return }
        let passed = max(.zero, now - elapsed)
        elapsed = max(now, elapsed)
        switch state {
        case .approving, .stranded, .ended: break
        case .probing, .gating, .running, .derated, .baking:
            if !isPaused { judgedTime += passed }
        }
    }

    private var isLate: Bool { judgedTime >= plan.deadline && !isOverdue }

    private mutating func passDeadline() -> [Action] {
        let waited = "no decision within \(DurationText.text(plan.deadline)): \(reason)"
        switch plan.inconclusive {
        case .abort: return retreat(.inconclusive, waited)
        case .hold:
            isOverdue = true
            reason = waited
            return []
        }
    }

    private mutating func add(_ failures: UInt64) -> [Action] {
        userFailures += failures
        guard let limit = plan.userFailureLimit, userFailures > UInt64(limit) else { return [] }
        return retreat(
            hasSwitched ? .rolledBack : .aborted,
            "\(userFailures) failures reached users, \(limit) may"
        )
    }
}

// MARK: Judging

extension Rollout {
    /// What the judge's word does; a gate, a person or a pause that is waited for changes nothing
    /// about a bad one.
    private mutating func weigh(_ judgement: Judgement) -> [Action] {
        let isExposed = weight > .none
        switch (state, judgement.verdict) {
        case (_, _) where !isExposed: return []
        case (.baking, .fail): return retreat(.rolledBack, judgement.reason)
        case (.baking, .pass) where !isPaused && elapsed - stateBegan >= plan.bakeTime:
            return end(.promoted, judgement.reason, with: plan.holdsBack ? .clearCanary : nil)
        case (.running(let step), .pass) where !isPaused && isDone(step, judgement):
            return proceed(to: step + 1, judgement.reason)
        case (.derated, .pass) where !isPaused:
            return enter(0, "passed at the floor: \(judgement.reason)")
        case (.running(let step), .fail), (.derated(let step), .fail):
            return derate(at: step, judgement.reason)
        case (.approving(let step), .fail), (.gating(let step), .fail):
            return derate(at: step - 1, judgement.reason)
        case (.running, .inconclusive), (.baking, .inconclusive):
            reason = judgement.reason
            return []
        case (_, .pass), (_, .inconclusive), (_, .fail): return []
        }
    }

    private func isDone(_ step: Int, _ judgement: Judgement) -> Bool {
        let step = plan.steps[step]
        return judgement.requests >= UInt64(step.requests)
            && elapsed - stateBegan >= step.time ?? .zero
    }

    /// Takes the weight to the floor at once; after `plan.badWindows` of them it is over.
    private mutating func derate(at step: Int, _ reason: String) -> [Action] {
        badWindows += 1
        guard badWindows < plan.badWindows else { return retreat(.aborted, reason) }
        let floor = min(plan.floor, plan.steps[step].weight)
        // Users are no better off on a slot that cannot answer them.
        guard isStableHealthy else {
            self.reason = "the stable slot is not healthy, so the share stays: \(reason)"
            return [.beginWindow]
        }
        move(to: .derated(step), weight: floor, "a bad window: \(reason)")
        return [.change(.setCanary(floor)), .beginWindow]
    }
}

// MARK: Moving

extension Rollout {
    /// A person vouches for what comes next.
    private mutating func promote(_ isFull: Bool) throws(RolloutRefusal) -> [Action] {
        let next: Int
        switch state {
        case .probing:
            throw RolloutRefusal(message: "the probes have not passed yet; wait, or abort")
        case .derated:
            throw RolloutRefusal(
                message: "the last window was bad, a good one has to come first; wait, or abort"
            )
        case .stranded, .ended: preconditionFailure("promote while \(state)")
        case .baking:
            return end(
                .promoted,
                "a person ended the bake",
                with: plan.holdsBack ? .clearCanary : nil
            )
        case .approving(let step), .gating(let step): next = step
        case .running(let step): next = step + 1
        }
        isPaused = false
        let step = isFull ? plan.steps.count : next
        approvedStep = max(approvedStep, step)
        // A gate that was being asked is overruled, one that comes later is not.
        if case .gating = state { openedStep = max(openedStep, step) }
        if isFull { openedStep = step }
        return proceed(to: step, "a person said so")
    }

    /// Goes to a step by way of whoever has to be asked first.
    private mutating func proceed(to step: Int, _ reason: String) -> [Action] {
        if plan.needsApproval(before: step), approvedStep < step {
            move(to: .approving(step), weight: weight, reason)
            return []
        }
        if !plan.gates.isEmpty, openedStep < step {
            move(to: .gating(step), weight: weight, reason)
            return []
        }
        return enter(step, reason)
    }

    private mutating func enter(_ step: Int, _ reason: String) -> [Action] {
        guard step == plan.steps.count else {
            move(to: .running(step), weight: plan.steps[step].weight, reason)
            return [.change(.setCanary(weight)), .beginWindow]
        }
        let change = TrafficChange.promote(to: candidate, holdBack: plan.bake?.holdBack)
        hasSwitched = true
        guard plan.bake != nil else { return end(.promoted, reason, with: change) }
        move(to: .baking, weight: plan.bakeWeight, reason)
        return [.change(change), .beginWindow]
    }

    /// Gives all traffic back to the stable slot, or waits until that can take it.
    private mutating func retreat(_ outcome: Outcome, _ reason: String) -> [Action] {
        guard weight > .none else { return end(outcome, reason, with: .clearCanary) }
        guard isStableHealthy else {
            let sentence = "the stable slot is not healthy, so the traffic stays: \(reason)"
            move(to: .stranded(outcome), weight: weight, sentence)
            return []
        }
        return end(outcome, reason, with: hasSwitched ? .rollback : .clearCanary)
    }

    private mutating func end(
        _ outcome: Outcome,
        _ reason: String,
        with change: TrafficChange?
    ) -> [Action] {
        let share = outcome == .promoted ? Weight.all : .none
        move(to: .ended(outcome), weight: share, reason)
        return change.map { [.change($0)] } ?? []
    }

    private mutating func move(to next: State, weight: Weight, _ reason: String) {
        state = next
        self.weight = weight
        self.reason = reason
        stateBegan = elapsed
    }
}

extension Rollout.Outcome {
    var words: String {
        switch self {
        case .promoted: "promoted"
        case .aborted: "aborted"
        case .rolledBack: "rolled back"
        case .inconclusive: "ended without a verdict"
        }
    }
}

extension Config.Rollout {
    func needsApproval(before step: Int) -> Bool {
        step == steps.count ? promotion == .approve : steps[step].approve
    }

    var bakeTime: Duration { bake?.time ?? .zero }

    var holdsBack: Bool { (bake?.holdBack ?? .none) > .none }

    /// The candidate's share while it bakes.
    var bakeWeight: Weight {
        let holdBack = bake?.holdBack ?? .none
        return Weight(basisPoints: Weight.wholeBasisPoints - holdBack.basisPoints)
    }
}
