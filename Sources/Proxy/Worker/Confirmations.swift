import CLinux
import Glibc

/// Lets the control side wait for the workers, which only signal.
final class Confirmations: Sendable {
    private let wakeUp: WakeUp

    init() throws(SystemError) { wakeUp = try WakeUp() }

    func signal() { wakeUp.signal() }

    /// Returns when `condition` holds; it is looked at after each signal.
    func wait(until condition: () -> Bool) {
        while !condition() {
            var poll = pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0)
            unsafe Glibc.poll(&poll, 1, -1)
            wakeUp.clear()
        }
    }
}
