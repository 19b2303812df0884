import CLinux
import Glibc
import Proxy
import Synchronization

/// The only one who changes traffic: one change at a time, on disk before it is published.
package final class ControlPlane: Sendable {
    /// Everything about the traffic that outlives a request; replaced as a whole.
    struct Facts {
        var saved: SavedState
        /// What `saved.rollout` says, and what has happened since it was saved.
        var rollout: Rollout?
        var rolloutClock = RolloutClock()
        /// Rollouts that ended since the start.
        var rolloutsEnded: [Rollout.Outcome: UInt64] = [:]
        var loaded: LoadedConfig
        /// What each slot had received from the split when the split last changed.
        var splitBaseline: [UInt64]
        /// Switches and rollbacks since the start.
        var switches: [SwitchCount.Key: UInt64] = [:]
    }

    package let server: ProxyServer
    package let judge: JudgeSampler
    let log: Log
    let started: Timestamp
    /// For those who watch.
    let events: EventLog
    /// What is known of the rollout that needs no saving.
    let board = RolloutBoard()
    let stateFile: StateFile?
    /// Held during a change; readers do not wait for it.
    ///
    /// Of a byte, for the thread sanitizer takes a value without one for its object's header.
    let turn = Lock(false)
    let facts: Lock<Facts>
    private let currentTokens: Lock<AdminTokens>
    let isDraining = Atomic(false)
    /// A newer process serves: nothing is changed here any more.
    let handedOver = Atomic(false)
    let upgradeMeans = Lock<UpgradeMeans?>(nil)
    let predecessor = Lock<Predecessor?>(nil)

    package init(
        server: ProxyServer,
        starting: StartingState,
        loaded: LoadedConfig,
        stateFile: StateFile?,
        tokens: AdminTokens,
        log: Log
    ) {
        self.server = server
        judge = JudgeSampler(server)
        currentTokens = Lock(tokens)
        self.stateFile = stateFile
        self.log = log
        started = .steady
        events = EventLog(started: started)
        var facts = Facts(saved: starting.state, loaded: loaded, splitBaseline: [0, 0])
        facts.rollout = starting.rollout
        facts.rolloutClock = RolloutClock(at: starting.rollout?.elapsed ?? .zero)
        self.facts = Lock(facts)
    }

    /// Puts the start into the history; throws when the state cannot be saved.
    package func recordStart(actor: String, reason: String?) throws(StateFailure) {
        let saved = facts.withLock(\.saved)
        let entry = HistoryEntry(
            generation: saved.generation,
            time: started.description,
            action: .start,
            to: saved.active,
            canary: saved.canary,
            actor: actor,
            reason: reason
        )
        try remember(entry)
    }

    /// Appends an entry that changes no traffic; throws when it cannot be saved.
    func remember(_ entry: HistoryEntry) throws(StateFailure) { try save(entry) { _ in } }

    /// Saves a change of the state that changes no traffic, with its entry.
    func save(
        _ entry: HistoryEntry,
        _ change: (inout SavedState) -> Void
    ) throws(StateFailure) {
        guard !isHandedOver else { throw StateFailure(message: Refusal.handedOver.message) }
        let old = facts.withLock(\.saved)
        var new = old
        new.history.append(entry)
        change(&new)
        try stateFile?.save(new, over: old)
        let rollout = facts.withLock { facts in
            facts.saved = new
            return facts.rollout
        }
        tell(entry, rollout)
    }

    /// Tells whoever listens of an entry; a rollout that runs names its own webhooks.
    ///
    /// `inForce` is when every worker had taken a change of traffic, which is after it was saved.
    private func tell(_ entry: HistoryEntry, _ rollout: Rollout?, inForce: Timestamp? = nil) {
        let running = rollout.flatMap { $0.isOver ? nil : $0 }
        let plan = running?.plan ?? server.config.rollout
        var json = entry.json
        if let inForce { json = json.adding("in_force", .string(inForce.description)) }
        events.append(.change, json, telling: plan.notices)
    }

    var currentFacts: Facts { facts.withLock(\.self) }

    /// The secrets that a request to the admin port may show.
    var tokens: AdminTokens { currentTokens.withLock(\.self) }

    /// Takes over what a reload brought; the split begins to be counted anew.
    func adopt(_ loaded: LoadedConfig, tokens: AdminTokens) {
        let baseline = server.statistics().split(bySlotOf: server.config)
        currentTokens.withLock { $0 = tokens }
        facts.withLock { facts in
            facts.loaded = loaded
            facts.splitBaseline = baseline
        }
    }

    /// The routing that new requests follow.
    package var routing: RoutingState { server.routing }

    package func name(of slot: SlotID) -> String { server.config.slots[slot.index].name }

    package var history: [HistoryEntry] { facts.withLock { $0.saved.history.entries } }
}

// MARK: Changes

extension ControlPlane {
    /// What a change did.
    package struct Result: Sendable, Equatable {
        package let routing: RoutingState
        package let activeSince: String
        /// False when the traffic was as asked already.
        package let hasChanged: Bool
    }

    /// Checks, saves, publishes.
    ///
    /// When this returns, every worker routes by the answer and it is on disk; when it throws,
    /// nothing has changed.
    package func apply(
        _ change: TrafficChange,
        terms: ChangeTerms
    ) throws(Refusal) -> Result {
        try turn.withLock { _ throws(Refusal) in try applyInTurn(change, terms: terms) }
    }

    private func applyInTurn(
        _ change: TrafficChange,
        terms: ChangeTerms
    ) throws(Refusal) -> Result {
        guard !isHandedOver else { throw .handedOver }
        let override = try overriding(change, terms: terms)
        return try make(override.change, terms: terms, rollout: override.rollout)
    }

    /// Decides, saves and publishes one change and what becomes of the rollout, as one.
    ///
    /// Only for the thread whose turn it is; when it throws, nothing has changed.
    func make(
        _ change: TrafficChange?,
        terms: ChangeTerms,
        rollout: Rollout?,
        figures: String? = nil
    ) throws(Refusal) -> Result {
        guard !isHandedOver else { throw .handedOver }
        let routing = server.routing
        let config = server.config
        let statistics = server.statistics()
        let old = facts.withLock(\.self)
        let now = Timestamp.steady
        let rules = TrafficRules(
            routing: routing,
            slotNames: config.slots.map(\.name),
            faults: { SlotHealth.faults(of: $0, config: config, statistics: statistics) },
            lease: { old.lease(on: config.slots[$0.index].name, at: now) }
        )
        let next = try change.flatMap { change throws(Refusal) in
            try rules.decide(change, terms: terms)
        }
        guard next != nil || rollout != old.rollout else {
            return Result(
                routing: routing,
                activeSince: old.saved.activeSince,
                hasChanged: false
            )
        }

        var entry = rules.entry(for: next == nil ? nil : change, to: next, terms: terms, time: .now)
        entry.figures = figures
        if next == nil { entry.to = rollout.map { rules.slotNames[$0.candidate.index] } }
        var new = old.saved.following(
            next ?? routing,
            slotNames: rules.slotNames,
            entry: entry
        )
        let moves = next.map { $0.active != routing.active } ?? false
        let leaseEnds = moves ? new.endLeases(by: entry, at: now) : []
        new.rollout = rollout?.savedJSON(slots: rules.slotNames).line
        do { try stateFile?.save(new, over: old.saved) } catch { throw .notSaved(error) }
        if let next { publish(next) }
        commit(new, rollout, entry, baseline: next.map { _ in statistics.split(bySlotOf: config) })
        for end in leaseEnds { tell(end, rollout) }
        return Result(
            routing: next ?? routing,
            activeSince: new.activeSince,
            hasChanged: next != nil
        )
    }

    private func commit(
        _ saved: SavedState,
        _ rollout: Rollout?,
        _ entry: HistoryEntry,
        baseline: [UInt64]?
    ) {
        let before = facts.withLock { facts in
            let before = facts.rollout
            facts.saved = saved
            facts.rollout = rollout
            if let outcome = rollout?.state.outcome, before?.isOver != true, rollout?.isOver == true
            {
                facts.rolloutsEnded[outcome, default: 0] += 1
            }
            if let baseline { facts.splitBaseline = baseline }
            guard entry.action == .switch || entry.action == .rollback,
                let from = entry.from, let to = entry.to
            else { return before }
            let key = SwitchCount.Key(from: from, to: to, reason: entry.action.rawValue)
            facts.switches[key, default: 0] += 1
            return before
        }
        log.note("\(entry.sentence), generation \(entry.generation), by \(entry.actor)")
        // The end of a rollout is told to those of its plan.
        let isTraffic = entry.action != .rollout
        tell(entry, before?.isOver == false ? before : rollout, inForce: isTraffic ? .now : nil)
    }

    /// The services of `slot` that have no healthy endpoint.
    package func faults(of slot: SlotID) -> [ServiceFault] {
        SlotHealth.faults(of: slot, config: server.config, statistics: server.statistics())
    }
}

// MARK: Draining

extension ControlPlane {
    /// Stops accepting and returns when the last exchange has ended.
    package func drain() {
        isDraining.store(true, ordering: .relaxed)
        server.drain()
    }

    /// Why no load balancer should send requests here; nil when it may.
    package var unreadiness: String? {
        if isDraining.load(ordering: .relaxed) { return "the program drains and will end" }
        guard server.isReady else { return "the endpoints have not all been probed yet" }
        let active = server.routing.active
        let faults = faults(of: active)
        guard !faults.isEmpty else { return nil }
        return ServiceFault.sentence(slot: name(of: active), faults)
    }
}

/// How often the traffic went from one slot to the other, and for which kind of reason.
package struct SwitchCount: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package let from: String
        package let to: String
        /// `switch` or `rollback`, never a person's words.
        package let reason: String
    }

    package let key: Key
    package let count: UInt64
}

extension SavedState {
    /// The state after `routing` was decided, with `entry` in its history.
    func following(
        _ routing: RoutingState,
        slotNames: [String],
        entry: HistoryEntry
    ) -> SavedState {
        var next = self
        next.generation = routing.generation
        next.active = slotNames[routing.active.index]
        next.previous = routing.previous.map { slotNames[$0.index] }
        next.canary = routing.canary
        next.splitSince = routing.splitSince
        if next.active != active { next.activeSince = entry.time }
        next.history.append(entry)
        return next
    }
}
