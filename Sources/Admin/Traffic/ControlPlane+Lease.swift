import Proxy

/// Leases: who deploys where.
extension ControlPlane {
    /// What a deployment asks for.
    package struct LeaseOrder: Sendable {
        package var slot: SlotID
        package var holder: String
        package var reason: String?
        package var time: Duration
        package var actor: String

        package init(
            slot: SlotID,
            holder: String,
            reason: String? = nil,
            time: Duration = Lease.standardTime,
            actor: String
        ) {
            self.slot = slot
            self.holder = holder
            self.reason = reason
            self.time = time
            self.actor = actor
        }
    }

    /// Keeps traffic away from a slot until the lease ends; the holder of one may renew it.
    ///
    /// Throws when the slot has traffic, a rollout runs, or somebody else holds it.
    package func lease(_ order: LeaseOrder) throws(Refusal) -> Lease {
        try turn.withLock { _ throws(Refusal) in
            let facts = currentFacts
            let name = name(of: order.slot)
            let now = Timestamp.steady
            try requireQuiet(order.slot, facts)
            let held = facts.saved.lease(on: name, at: now)
            if let held, held.holder != order.holder {
                throw .leased(slot: name, held)
            }
            let lease = Lease(
                holder: order.holder,
                reason: order.reason,
                since: held?.since ?? now,
                until: now.advanced(by: order.time)
            )
            let words = "\(lease.holder) until \(lease.until)"
            let entry = entry(.lease, name, order.actor, words + Self.tail(lease.reason))
            try remember(entry) { $0.leases[name] = lease }
            return lease
        }
    }

    private func requireQuiet(_ slot: SlotID, _ facts: Facts) throws(Refusal) {
        let name = name(of: slot)
        let weight = server.routing.weight(of: slot)
        if slot == server.routing.active {
            throw .busy("the slot \(name) is active: deploy to \(self.name(of: slot.other))")
        }
        if weight > .none {
            throw .busy("the slot \(name) takes \(JSON(weight.percent).line) % of the live traffic")
        }
        if let rollout = facts.rollout, !rollout.isOver {
            throw .busy(
                "a rollout of \(self.name(of: rollout.candidate)) runs (\(rollout.position)); wait"
                    + " for its end or abort it"
            )
        }
    }

    /// Ends the lease on a slot; false when there is none, throws when another holds it.
    package func endLease(
        on slot: SlotID,
        holder: String?,
        terms: ChangeTerms
    ) throws(Refusal) -> Bool {
        try turn.withLock { _ throws(Refusal) in
            let name = name(of: slot)
            guard let lease = currentFacts.saved.lease(on: name, at: .steady) else { return false }
            if let holder, holder != lease.holder { throw .leased(slot: name, lease) }
            let words = "of \(lease.holder)" + Self.tail(terms.reason)
            try remember(entry(.leaseEnd, name, terms.actor, words)) {
                $0.leases[name] = nil
            }
            return true
        }
    }

    private static func tail(_ reason: String?) -> String { reason.map { ": \($0)" } ?? "" }

    private func entry(
        _ action: HistoryEntry.Action,
        _ slot: String,
        _ actor: String,
        _ reason: String
    ) -> HistoryEntry {
        HistoryEntry(
            generation: server.routing.generation,
            time: Timestamp.now.description,
            action: action,
            to: slot,
            canary: server.routing.canary,
            actor: actor,
            reason: reason
        )
    }

    private func remember(
        _ entry: HistoryEntry,
        _ change: (inout SavedState) -> Void
    ) throws(Refusal) {
        do throws(StateFailure) { try save(entry, change) } catch { throw .notSaved(error) }
        log.note("\(entry.sentence), by \(entry.actor)")
    }

    /// The lease that holds on a slot now.
    package func lease(on slot: SlotID) -> Lease? {
        currentFacts.saved.lease(on: name(of: slot), at: .steady)
    }
}

extension ControlPlane.Facts {
    /// The lease that keeps traffic away from a slot now.
    ///
    /// None while a rollout runs: it was begun in spite of the candidate's, none is given meanwhile,
    /// and one on the slot to go back to is older than the traffic that this slot had.
    func lease(on slot: String, at now: Timestamp) -> Lease? {
        rollout?.isOver == false ? nil : saved.lease(on: slot, at: now)
    }
}

extension SavedState {
    /// Ends all leases, for the live traffic has moved; returns what the history has of it.
    ///
    /// Whoever moved it has overruled the lease on the slot that is active now, and the slot that
    /// was active cannot have been deployed to.
    mutating func endLeases(by change: HistoryEntry, at now: Timestamp) -> [HistoryEntry] {
        let held = leases.filter { $0.value.holds(at: now) }.sorted { $0.key < $1.key }
        leases = [:]
        let ends = held.map { slot, lease in
            var end = change
            end.action = .leaseEnd
            (end.from, end.to, end.figures) = (nil, slot, nil)
            end.reason = "of \(lease.holder): \(change.sentence)"
            return end
        }
        for end in ends { history.append(end) }
        return ends
    }
}
