import Admin
import Proxy

extension SavedState {
    /// A state with a bit of everything.
    static var sample: SavedState {
        var state = SavedState(
            generation: 3,
            active: "green",
            previous: "blue",
            canary: Weight(basisPoints: 1_250),
            activeSince: "2026-01-31T12:00:00.250Z"
        )
        state.history.append(
            HistoryEntry(
                generation: 2,
                time: "2026-01-31T12:00:00.250Z",
                action: .switch,
                from: "blue",
                to: "green",
                actor: "127.0.0.1",
                reason: "release \"7\" · größer\n"
            )
        )
        state.history.append(
            HistoryEntry(
                generation: 3,
                time: "2026-01-31T12:00:01.000Z",
                action: .canarySet,
                to: "blue",
                canary: Weight(basisPoints: 1_250),
                actor: "127.0.0.1"
            )
        )
        return state
    }

    /// What comes after the sample.
    static var successor: SavedState {
        var state = sample
        state.generation = 4
        state.active = "blue"
        state.previous = "green"
        state.canary = nil
        return state
    }
}
