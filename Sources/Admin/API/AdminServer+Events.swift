import CLinux
import Glibc
import Proxy

/// Streams of events: a connection that stays until one side ends it.
extension AdminServer {
    /// Between two lines that say nothing but that we live, so that middle boxes keep it open.
    private static let heartbeat = Duration.seconds(15)

    /// Sends `feed` until the other side goes or the port is closed.
    func stream(
        _ feed: EventFeed,
        head: [UInt8],
        on connection: borrowing Connection
    ) {
        var pending = head
        while true {
            pending += feed.next()
            let deadline = ContinuousClock.now + Self.transferLimit
            guard connection.send(pending, until: deadline) else { return }
            pending = []
            guard wait(for: feed.bell, or: connection.rawValue) else { return }
            // A listener sends nothing: what comes is its end.
            if case .end = connection.receive(until: .now) { return }
            feed.bell.clear()
            if feed.isQuiet { pending = Array(": alive\n\n".utf8) }
        }
    }

    /// Returns when the bell rang, bytes came, or it is time for a heartbeat; false on an error.
    private func wait(for bell: Bell, or socket: Int32) -> Bool {
        var entries = [
            pollfd(fd: bell.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let limit = Int32(clamping: Self.heartbeat.milliseconds)
        let count = unsafe poll(&entries, nfds_t(entries.count), limit)
        return count >= 0 || errno == EINTR
    }
}
