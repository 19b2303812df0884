import CLinux
import Glibc

/// An epoll instance; every descriptor is registered once, edge-triggered, for both directions.
@safe package struct Poller: ~Copyable {
    /// What is reported of one descriptor.
    package struct Event {
        package let descriptor: Int32
        package let isReadable: Bool
        package let isWritable: Bool
        /// The other end has closed or reset; no event follows that says so again.
        package let isClosing: Bool
    }

    /// Events taken in one call; more wait for the next.
    private static let batchLimit = 512

    private let epoll: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: batchLimit)

    package init() {
        epoll = epoll_create1(0)
        require(epoll >= 0, "epoll_create1")
    }

    deinit { close(epoll) }

    package func add(_ descriptor: Int32) {
        var event = unsafe epoll_event()
        unsafe event.events =
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        unsafe event.data.fd = descriptor
        require(unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll_ctl")
    }

    /// Waits for at least one event, at most `timeout` (nil: for ever), and returns how many.
    package mutating func wait(atMost timeout: Duration?) -> Int {
        let limit = Int32(Poller.batchLimit)
        guard let timeout else {
            return max(0, Int(unsafe epoll_wait(epoll, &events, limit, -1)))
        }
        // epoll_wait counts in milliseconds, which is longer than the gap between two requests.
        let (seconds, attoseconds) = timeout.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        return max(0, Int(unsafe epoll_pwait2(epoll, &events, limit, &time, nil)))
    }

    /// The event at `index` of those that the last `wait` returned.
    package func event(at index: Int) -> Event {
        let event = unsafe events[index]
        let closing = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        return Event(
            descriptor: unsafe event.data.fd,
            isReadable: unsafe event.events & (EPOLLIN.rawValue | closing) != 0,
            isWritable: unsafe event.events & (EPOLLOUT.rawValue | closing) != 0,
            isClosing: unsafe event.events & closing != 0
        )
    }
}
