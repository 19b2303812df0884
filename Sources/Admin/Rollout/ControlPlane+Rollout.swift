import Proxy

/// What a rollout is begun with.
package struct RolloutOrder: Sendable {
    package var candidate: SlotID
    package var plan: Config.Rollout
    package var terms: ChangeTerms

    package init(candidate: SlotID, plan: Config.Rollout, terms: ChangeTerms) {
        self.candidate = candidate
        self.plan = plan
        self.terms = terms
    }
}

extension ControlPlane {
    /// The rollout that runs, or the last one.
    package var rollout: Rollout? { facts.withLock(\.rollout) }

    /// Begins a rollout; throws when one runs or the slot is not free for it.
    package func startRollout(_ order: RolloutOrder) throws(Refusal) -> Rollout {
        try turn.withLock { _ throws(Refusal) in
            let facts = currentFacts
            let routing = server.routing
            try requireStart(order, routing, facts)
            let now = Timestamp.now
            let rollout = Rollout(
                number: (facts.rollout?.number ?? 0) + 1,
                candidate: order.candidate,
                plan: order.plan,
                beginning: Rollout.Beginning(
                    actor: order.terms.actor,
                    reason: order.terms.reason,
                    time: now.description
                ),
                reason: order.terms.reason ?? "started"
            )
            self.facts.withLock { $0.rolloutClock = RolloutClock() }
            var terms = order.terms
            terms.reason = "started" + (terms.reason.map { ": \($0)" } ?? "")
            _ = try make(nil, terms: terms, rollout: rollout)
            return rollout
        }
    }

    private func requireStart(
        _ order: RolloutOrder,
        _ routing: RoutingState,
        _ facts: Facts
    ) throws(Refusal) {
        let name = name(of: order.candidate)
        if let running = facts.rollout, !running.isOver {
            throw .rollout(
                "a rollout of \(self.name(of: running.candidate)) runs already; abort it first"
            )
        }
        if let asked = order.terms.ifGeneration, asked != routing.generation {
            throw .otherGeneration(asked: asked, current: routing.generation)
        }
        guard order.candidate != routing.active else {
            throw .rollout("the slot \(name) is active already; name the other one")
        }
        if let lease = facts.saved.lease(on: name, at: .steady), !order.terms.force {
            throw .leased(slot: name, lease)
        }
        if let canary = routing.canary, canary > .none {
            throw .rollout(
                "the slot \(name) takes \(JSON(canary.percent).line) % as a canary; DELETE /canary"
                    + " first"
            )
        }
    }

    /// Tells the rollout what happened and does what it decides; throws when it cannot be done,
    /// and nothing has changed then.
    @discardableResult
    package func handle(
        _ event: Rollout.Event,
        terms: ChangeTerms,
        figures: String? = nil
    ) throws(Refusal) -> Rollout {
        try turn.withLock { _ throws(Refusal) in
            let facts = currentFacts
            guard let old = facts.rollout else {
                throw .rollout("no rollout was started yet; POST /rollout starts one")
            }
            if let asked = terms.ifGeneration, asked != server.routing.generation {
                // A verdict on traffic that is no longer so says nothing.
                if case .judged = event { return old }
                throw .otherGeneration(asked: asked, current: server.routing.generation)
            }
            var next = old
            let actions: [Rollout.Action]
            do throws(RolloutRefusal) {
                actions = try next.handle(event, at: facts.rolloutClock.elapsed())
            } catch { throw .rollout(error.message) }
            var change: TrafficChange?
            for case .change(let wanted) in actions { change = wanted }
            guard change != nil || next.isMilestone(after: old) else {
                self.facts.withLock { $0.rollout = next }
                return next
            }
            var terms = terms
            terms.reason = next.sentence(terms.reason)
            terms.ifGeneration = nil
            _ = try make(change, terms: terms, rollout: next, figures: figures)
            board.change { $0.trouble = nil }
            if actions.contains(.beginWindow) { judgeAfresh(next.candidate) }
            return next
        }
    }

    /// What a person's change of traffic means while a rollout runs.
    ///
    /// A rollback ends the rollout and goes where a rollback of it goes; everything else needs
    /// force, and then ends it too.
    func overriding(
        _ change: TrafficChange,
        terms: ChangeTerms
    ) throws(Refusal) -> (change: TrafficChange, rollout: Rollout?) {
        let facts = currentFacts
        guard var rollout = facts.rollout, !rollout.isOver else { return (change, facts.rollout) }
        var change = change
        switch change {
        case .switch(to: server.routing.active): return (change, rollout)
        case .rollback:
            if !rollout.hasSwitched { change = .clearCanary }
        case .switch, .promote, .setCanary, .clearCanary:
            guard terms.force else { throw .rollout(refusal(rollout)) }
        }
        let reason = "\(terms.actor) changed the traffic"
        do {
            _ = try rollout.handle(
                .overruled(reason: reason),
                at: facts.rolloutClock.elapsed()
            )
        } catch { preconditionFailure("nothing refuses to be overruled") }
        return (change, rollout)
    }

    private func refusal(_ rollout: Rollout) -> String {
        "a rollout of \(name(of: rollout.candidate)) runs (\(rollout.position)); abort it first, or"
            + " send \"force\": true to end it where it is"
    }
}

extension SavedState {
    func lease(on slot: String, at now: Timestamp) -> Lease? {
        leases[slot].flatMap { $0.holds(at: now) ? $0 : nil }
    }
}

extension Rollout {
    /// Whether the traffic is as a rollout in this state leaves it.
    func fits(_ routing: RoutingState) -> Bool {
        if isOver { return true }
        let share =
            routing.active == candidate
            ? Weight(basisPoints: Weight.wholeBasisPoints - (routing.canary ?? .none).basisPoints)
            : routing.canary ?? .none
        return share == weight && hasSwitched == (routing.active == candidate)
    }

    /// Whether more has changed than time and counts: what the history keeps.
    func isMilestone(after old: Rollout) -> Bool {
        state != old.state || isPaused != old.isPaused || isOverdue != old.isOverdue
            || badWindows != old.badWindows || approvedStep != old.approvedStep
    }

    /// Where it stands, in a few words.
    package var position: String {
        let pause = isPaused ? ", paused" : ""
        let count = plan.steps.count
        func name(_ step: Int) -> String {
            step == count ? "the promotion" : "step \(step + 1) of \(count)"
        }
        let words =
            switch state {
            case .probing: "probing"
            case .approving(let step): "waits for approval of \(name(step))"
            case .gating(let step): "asks the gates before \(name(step))"
            case .running(let step): "\(name(step))"
            case .derated(let step): "derated from \(name(step))"
            case .baking: "baking"
            case .stranded(let outcome): "has to be \(outcome.words) and cannot"
            case .ended(let outcome): outcome.words
            }
        return words + pause
    }

    /// What the history says of a step.
    func sentence(_ personal: String?) -> String {
        let words = "\(position): \(personal ?? reason)"
        return String(words.prefix(ChangeBody.reasonLimit))
    }
}
