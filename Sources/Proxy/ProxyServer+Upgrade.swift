import CLinux
import Glibc

extension ProxyServer {
    /// How often signs of life are looked for.
    private static let pulsePollMicroseconds: UInt32 = 2_000

    /// The listening sockets, for a process that takes over.
    package var listenerGroups: [InheritedSockets.Group] { listeners.map(\.group) }

    /// Lets a server that was started with `holdsBack` accept.
    package func release() {
        unhold()
        serveWhenProbed()
    }

    /// Leaves accepting to the process that has `sockets` too, and drains.
    ///
    /// `awaitEnd` returns when that is done. Idle connections may bring one more request.
    package func handOver(_ sockets: [Int32]) {
        for listener in listeners where Set(sockets).isSuperset(of: listener.group.descriptors) {
            listener.handOver()
        }
        send(.handOver)
    }

    /// Whether every worker's loop turns within `limit`.
    package func workersTurn(within limit: Duration) -> Bool {
        let asked = askForPulses()
        let deadline = ContinuousClock.now + limit
        while !asked.allSatisfy({ $0.worker.hasEnded || $0.worker.link.pulse >= $0.pulse }) {
            guard ContinuousClock.now < deadline else { return false }
            usleep(Self.pulsePollMicroseconds)
        }
        return true
    }
}
