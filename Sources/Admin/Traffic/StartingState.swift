import Proxy

/// Which slot is active when the program starts, and what says so.
package struct StartingState: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
        case stateFile
        case olderProcess
        case environment
        case configuration
    }

    package let state: SavedState
    package let source: Source
    /// For the log: which source rules, and which was passed over.
    package let explanation: String
    /// The rollout that goes on, or the last one.
    package let rollout: Rollout?

    /// Chooses: the state file rules, and on the very first start `ACTIVE_SLOT` or else `config`.
    ///
    /// Throws when `ACTIVE_SLOT` would rule and names no slot.
    package init(
        saved: SavedState?,
        handedOver: SavedState? = nil,
        config: Config,
        environment activeSlot: String?,
        now: Timestamp
    ) throws(StateFailure) {
        let names = config.slots.map(\.name)
        rollout = try Self.rollout(of: saved ?? handedOver, slotNames: names)
        if var saved {
            // A file of an earlier version has none.
            saved.sessionKey = saved.sessionKey ?? SessionKey()
            state = saved
            source = .stateFile
            let passedOver = activeSlot.map { "; ACTIVE_SLOT=\($0) rules only the first start" }
            explanation = "from the state file" + (passedOver ?? "")
            return
        }
        if let handedOver {
            for name in [handedOver.active] + (handedOver.previous.map { [$0] } ?? []) {
                guard names.contains(name) else {
                    throw StateFailure(
                        message: "the older process has a slot \(name), which the configuration"
                            + " does not name; keep the slots' names during an upgrade"
                    )
                }
            }
            state = handedOver
            source = .olderProcess
            explanation = "from the process before this one"
            return
        }
        var active = names[config.activeSlot.index]
        if let activeSlot, !activeSlot.isEmpty {
            guard names.contains(activeSlot) else {
                throw StateFailure(
                    message: "ACTIVE_SLOT=\(activeSlot) is not a slot of the configuration; use"
                        + " \(names.joined(separator: " or ")), or leave it out"
                )
            }
            active = activeSlot
            source = .environment
            explanation = "from ACTIVE_SLOT, this is the first start"
        } else {
            source = .configuration
            explanation = "from \"active_slot\" in the configuration, this is the first start"
        }
        var state = SavedState(
            generation: 1,
            active: active,
            canary: config.canary.weight,
            activeSince: now.description
        )
        state.sessionKey = SessionKey()
        self.state = state
    }

    /// Throws when there is one that cannot be read.
    private static func rollout(
        of saved: SavedState?,
        slotNames: [String]
    ) throws(StateFailure) -> Rollout? {
        guard let text = saved?.rollout else { return nil }
        guard let saved, let json = try? JSONParser.parse(Array(text.utf8)),
            let rollout = Rollout(json, slots: slotNames),
            let active = slotNames.firstIndex(of: saved.active).map({ SlotID($0) }),
            rollout.fits(
                RoutingState(generation: saved.generation, active: active, canary: saved.canary)
            )
        else {
            throw StateFailure(
                message: "the state holds a rollout that this switchyard cannot read; start the"
                    + " switchyard that wrote it and end the rollout there, or move the state file"
                    + " away and start with ACTIVE_SLOT=the slot that is live"
            )
        }
        return rollout
    }

    /// The routing that the data plane starts with; the state's names were checked against
    /// `config` when it was loaded.
    package func routing(config: Config) -> RoutingState {
        guard let active = config.slot(named: state.active) else {
            preconditionFailure("a loaded state names slots of the configuration")
        }
        return RoutingState(
            generation: state.generation,
            active: active,
            previous: state.previous.flatMap { config.slot(named: $0) },
            canary: state.canary,
            splitSince: state.canary == nil ? nil : state.splitSince ?? state.generation
        )
    }
}
