import CLinux
import Glibc

/// Probes every endpoint of both slots, all the time, on a thread of its own.
///
/// The verdict goes into the shared `Endpoint`, where workers read it.
final class HealthMonitor: Sendable {
    /// What to probe: an endpoint, where it is, and how.
    struct Subject: Sendable {
        let endpoint: Endpoint
        let authority: String
        /// nil while its name does not resolve.
        let address: SocketAddress?
        let check: Config.HealthCheck
    }

    private struct Orders {
        var subjects: [Subject]?
        var isStopped = false
    }

    private let orders = Lock(Orders())
    private let wakeUp: WakeUp
    private let thread = ThreadBox()
    /// Called, from the monitor's thread, with each endpoint whose verdict has changed.
    private let onChange: @Sendable (Endpoint, Health, String?) -> Void

    init(onChange: @escaping @Sendable (Endpoint, Health, String?) -> Void) throws(SystemError) {
        self.onChange = onChange
        wakeUp = try WakeUp()
    }

    func start() {
        thread.start(name: "health") { [self] in
            // Without an epoll instance every verdict stays unknown, and unknown takes no traffic.
            guard let loop = try? HealthLoop(wakeUp: wakeUp.rawValue, onChange: onChange) else {
                return
            }
            run(loop)
        }
    }

    /// Probes these from now on; those that stay keep their counts.
    func watch(_ subjects: [Subject]) {
        orders.withLock { $0.subjects = subjects }
        wakeUp.signal()
    }

    func stop() {
        orders.withLock { $0.isStopped = true }
        wakeUp.signal()
        thread.join()
    }

    private func run(_ loop: HealthLoop) {
        while true {
            let next = orders.withLock { orders in
                defer { orders.subjects = nil }
                return orders
            }
            if next.isStopped { return }
            if let subjects = next.subjects { loop.watch(subjects) }
            if loop.turn() { wakeUp.clear() }
        }
    }
}
