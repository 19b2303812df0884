import CLinux
import Glibc
import Proxy

/// Reads the workers' counters once a second, on a thread of its own, and answers for the verdict.
package final class JudgeSampler: Sendable {
    /// How often the thread looks up, so that the end of the program waits no longer.
    private static let napMilliseconds: Int32 = 100

    private struct State {
        var ring = EvidenceRing()
        /// Since when each slot is judged.
        var starts: [MonotonicTime]
        var isStopped = false
    }

    private let server: ProxyServer
    private let state: Lock<State>
    private let thread = ThreadBox()

    init(_ server: ProxyServer) {
        self.server = server
        state = Lock(State(starts: SlotID.both.map { _ in .now() }))
    }

    /// Begins to sample; a verdict asked for without it has one step for all that came since.
    package func start() {
        _ = thread.tryStart(name: "judge") { [self] in run() }
    }

    package func stop() {
        state.withLock { $0.isStopped = true }
        thread.join()
    }

    private func run() {
        var due = MonotonicTime.now()
        while !state.withLock({ $0.isStopped }) {
            if MonotonicTime.now() >= due {
                sample()
                due = due + EvidenceRing.step
            }
            _ = poll(nil, 0, Self.napMilliseconds)
        }
    }

    private func sample() {
        state.withLock { state in
            let totals = EvidenceTotals(of: server)
            state.ring.note(totals, at: .now(), beginningStep: false)
        }
    }

    /// Judges `slot` by nothing that came before now.
    func begin(_ slot: SlotID) {
        state.withLock { state in
            let totals = EvidenceTotals(of: server)
            let now = MonotonicTime.now()
            state.ring.note(totals, at: now, beginningStep: true)
            state.starts[slot.index] = now
        }
    }

    /// The judge's word of now.
    func verdict(of slot: SlotID) -> Verdict {
        let config = server.config
        return state.withLock { state in
            let now = MonotonicTime.now()
            state.ring.note(EvidenceTotals(of: server), at: now, beginningStep: false)
            let windows = JudgeWindows(
                start: state.starts[slot.index],
                length: Nanoseconds(config.judge.window)
            )
            return Judge(config: config, slot: slot)
                .verdict(state.ring, windows.windows(at: now), at: now)
        }
    }
}

extension ControlPlane {
    /// The judge's word on `slot`, by the evidence up to this moment.
    package func verdict(of slot: SlotID) -> Verdict { judge.verdict(of: slot) }

    /// Judges `slot` from now on by new evidence only.
    package func judgeAfresh(_ slot: SlotID) { judge.begin(slot) }
}
