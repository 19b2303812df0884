import Proxy

/// What is known of the rollout at this moment and needs no saving: the driver writes, all read.
package final class RolloutBoard: Sendable {
    struct Notes: Sendable {
        /// The judge's last word, with the answers of the queries among its checks.
        var verdict: Verdict?
        /// Requests of the candidate since the last change of traffic.
        var requests: UInt64 = 0
        /// Why the last decision could not be carried out.
        var trouble: String?
        var queries: [QueryRecord] = []
    }

    private let state = Lock(Notes())
    /// Notices that nobody took, since the start.
    private let lostNotices = Lock(UInt64(0))

    var notes: Notes { state.withLock(\.self) }

    func change(_ body: (inout Notes) -> Void) { state.withLock { body(&$0) } }

    func clear() { state.withLock { $0 = Notes() } }

    var lostNoticeCount: UInt64 { lostNotices.withLock(\.self) }

    func lostNotices(_ count: UInt64) { lostNotices.withLock { $0 += count } }
}
