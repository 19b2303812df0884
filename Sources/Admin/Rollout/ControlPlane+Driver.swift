import Proxy

/// What the driver asks of the control plane besides events.
extension ControlPlane {
    /// Requests that the split has sent to `slot` since the traffic last changed.
    func requestsSinceChange(of slot: SlotID) -> UInt64 {
        let split = server.statistics().split(bySlotOf: server.config)[slot.index]
        let before = currentFacts.splitBaseline[slot.index]
        return split >= before ? split - before : split
    }

    /// The judge's word, with the queries of a rollout among the checks of its candidate.
    func wholeVerdict(of slot: SlotID) -> Verdict {
        var verdict = verdict(of: slot)
        guard let rollout, !rollout.isOver, rollout.candidate == slot else { return verdict }
        if rollout.state == .baking, !rollout.plan.holdsBack { verdict = verdict.withoutComparison }
        let now = ContinuousClock.now
        return verdict.adding(board.notes.queries.map { $0.check(at: now) })
    }

    /// Tells those who watch of something that changed nothing.
    func decided(_ what: String, _ reason: String, _ figures: String? = nil) {
        guard let rollout else { return }
        var json: JSON = [
            "time": .string(Timestamp.now.description), "rollout": JSON(rollout.number),
            "slot": .string(name(of: rollout.candidate)), "state": .string(rollout.state.word),
            "decision": .string(what), "reason": .string(reason),
        ]
        if let figures, let read = try? JSONParser.parse(Array(figures.utf8)) {
            json = json.adding("figures", read)
        }
        events.append(.decision, json)
    }

    /// Keeps counts that changed without a step; a failure is only told, for nothing depends on it.
    func saveProgress() {
        turn.withLock { _ in
            let (old, rollout) = facts.withLock { ($0.saved, $0.rollout) }
            guard let rollout, !isHandedOver else { return }
            var new = old
            new.rollout = rollout.savedJSON(slots: server.config.slots.map(\.name)).line
            do throws(StateFailure) {
                try stateFile?.save(new, over: old)
                facts.withLock { $0.saved = new }
            } catch { log.note(error.message) }
        }
    }

    /// Keeps an answer to a query, unless the traffic has changed since it was asked.
    func note(
        _ answer: QueryRecord.Answer,
        at place: Int,
        ifGeneration generation: Generation
    ) {
        guard routing.generation == generation, board.notes.queries.indices.contains(place)
        else { return }
        if case .unclear(let reason) = answer, board.notes.queries[place].last != answer {
            decided("query_unclear", reason)
        }
        board.change { notes in
            guard notes.queries.indices.contains(place) else { return }
            notes.queries[place].note(answer, at: .now)
        }
    }

    /// What a gate is asked.
    func question(_ rollout: Rollout, _ step: Int) -> JSON {
        let isPromotion = step == rollout.plan.steps.count
        let share = isPromotion ? rollout.plan.bakeWeight : rollout.plan.steps[step].weight
        let slot = name(of: rollout.candidate)
        let percent = JSON(share.percent)
        return [
            "event": "gate",
            "text": .string("switchyard: may \(slot) take \(percent.line) % of the traffic?"),
            "time": .string(Timestamp.now.description),
            "slot": .string(slot),
            "step": JSON(step + 1),
            "percent": percent,
            "rollout": rolloutJSON(rollout),
        ]
    }

    func rolloutJSON(_ rollout: Rollout) -> JSON {
        rollout.json(slots: server.config.slots.map(\.name))
            .adding("position", .string(rollout.position))
    }
}
