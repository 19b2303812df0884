import Proxy

/// What may be asked of the traffic.
package enum TrafficChange: Sendable, Equatable {
    case `switch`(to: SlotID)
    /// A switch that leaves the old slot a share, to compare with; nil for none.
    case promote(to: SlotID, holdBack: Weight?)
    case rollback
    case setCanary(Weight)
    case clearCanary
}

/// Who asks for a change, why, and on what terms.
package struct ChangeTerms: Sendable, Equatable {
    package var actor: String
    package var reason: String?
    /// Change even to a slot with an unhealthy service.
    package var force = false
    /// The generation that the asker believes to be in force; nil for any.
    package var ifGeneration: Generation?

    package init(
        actor: String,
        reason: String? = nil,
        force: Bool = false,
        ifGeneration: Generation? = nil
    ) {
        self.actor = actor
        self.reason = reason
        self.force = force
        self.ifGeneration = ifGeneration
    }
}

/// Why a change of traffic was refused; nothing has changed then.
package enum Refusal: Error, Equatable {
    case otherGeneration(asked: Generation, current: Generation)
    case unhealthy(slot: String, faults: [ServiceFault])
    case noPreviousSlot
    case notSaved(StateFailure)
    case leased(slot: String, Lease)
    /// The slot has traffic or is about to.
    case busy(String)
    /// A rollout runs, or does not, or does not do what was asked.
    case rollout(String)
    /// Another process has taken over.
    case handedOver

    /// What is wrong, and what to do.
    package var message: String {
        switch self {
        case .otherGeneration(let asked, let current):
            "the generation is \(current), not \(asked): somebody changed the traffic meanwhile;"
                + " look at the status and ask again"
        case .unhealthy(let slot, let faults):
            ServiceFault.sentence(slot: slot, faults)
                + "; wait until it is, or send \"force\": true"
        case .noPreviousSlot:
            "there is no slot to go back to: nothing was switched since the first start or the"
                + " last rollback; name a slot with /switch/SLOT"
        case .notSaved(let failure): failure.message
        case .leased(let slot, let lease):
            "\(lease.holder) has leased the slot \(slot) until \(lease.until) and may be deploying"
                + " there; wait, DELETE /slots/\(slot)/lease, or send \"force\": true"
        case .busy(let message), .rollout(let message): message
        case .handedOver:
            "a newer process has just taken over from the one you asked; ask again"
        }
    }
}

/// Decides what a change makes of the routing; touches nothing.
struct TrafficRules {
    let routing: RoutingState
    let slotNames: [String]
    /// The unhealthy services of a slot.
    let faults: (SlotID) -> [ServiceFault]
    /// The lease that holds on a slot.
    var lease: (SlotID) -> Lease? = { _ in nil }

    /// The routing after `change`, or nil when it is that already.
    func decide(
        _ change: TrafficChange,
        terms: ChangeTerms
    ) throws(Refusal) -> RoutingState? {
        if let asked = terms.ifGeneration, asked != routing.generation {
            throw .otherGeneration(asked: asked, current: routing.generation)
        }
        var next = routing
        next.generation += 1
        switch change {
        case .switch(to: routing.active): return nil
        case .switch(let slot):
            if !terms.force { try requireHealth(of: slot) }
            next.active = slot
            next.previous = routing.active
            next.canary = nil
        case .promote(let slot, let holdBack):
            precondition(slot == routing.active.other, "a promotion moves to the other slot")
            if !terms.force { try requireHealth(of: slot) }
            next.active = slot
            next.previous = routing.active
            next.canary = holdBack == Weight.none ? nil : holdBack
        case .rollback:
            guard let slot = routing.previous else { throw .noPreviousSlot }
            if !terms.force { try requireHealth(of: slot) }
            next.active = slot
            // A second rollback would lead forward again, to the slot just found to be bad.
            next.previous = nil
            next.canary = nil
        case .setCanary(routing.canary): return nil
        case .setCanary(let weight):
            // Less traffic for a slot that fails is what an operator needs then.
            let raises = weight > (routing.canary ?? .none)
            if raises, !terms.force { try requireHealth(of: routing.active.other) }
            next.canary = weight
        case .clearCanary where routing.canary == nil: return nil
        case .clearCanary: next.canary = nil
        }
        return next.following(routing)
    }

    private func requireHealth(of slot: SlotID) throws(Refusal) {
        if let lease = lease(slot) { throw .leased(slot: slotNames[slot.index], lease) }
        let faults = faults(slot)
        guard faults.isEmpty else {
            throw .unhealthy(slot: slotNames[slot.index], faults: faults)
        }
    }

    /// What the history keeps of the step from `routing` to `next`; without a change of traffic,
    /// of a step of the rollout.
    func entry(
        for change: TrafficChange?,
        to next: RoutingState?,
        terms: ChangeTerms,
        time: Timestamp
    ) -> HistoryEntry {
        let next = next ?? routing
        var entry = HistoryEntry(
            generation: next.generation,
            time: time.description,
            action: .rollout,
            canary: next.canary,
            actor: terms.actor,
            reason: terms.reason
        )
        switch change {
        case .switch, .promote:
            entry.action = .switch
            entry.from = slotNames[routing.active.index]
            entry.to = slotNames[next.active.index]
        case .rollback:
            entry.action = .rollback
            entry.from = slotNames[routing.active.index]
            entry.to = slotNames[next.active.index]
        case .setCanary, .clearCanary:
            entry.action = next.canary == nil ? .canaryOff : .canarySet
            entry.to = slotNames[routing.active.other.index]
        case nil: break
        }
        return entry
    }
}
