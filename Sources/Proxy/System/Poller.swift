import CLinux
import Glibc

/// What an epoll instance reported of one descriptor.
struct Readiness {
    let bits: UInt32

    /// Bytes, an end of stream or an error wait to be read.
    var isReadable: Bool { bits & Self.input != 0 }
    var isWritable: Bool { bits & EPOLLOUT.rawValue != 0 }
    /// The other side will send nothing more, or the connection is broken.
    var isHangup: Bool { bits & Self.hangup != 0 }
    /// The connection was reset; nothing can be sent any more either.
    ///
    /// EPOLLHUP alone is no such sign: a tunnel whose halves ended one after the other has it.
    var isBroken: Bool { bits & EPOLLERR.rawValue != 0 }

    private static let hangup = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
    private static let input = EPOLLIN.rawValue | hangup
}

/// One epoll instance; edge-triggered, each descriptor is registered once and never again.
@safe struct Poller: ~Copyable {
    /// Events taken from the kernel in one call.
    static let eventLimit = 256

    private let descriptor: FileDescriptor
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(SystemError) {
        descriptor = try FileDescriptor("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
        unsafe events = .allocate(capacity: Self.eventLimit)
    }

    deinit { unsafe events.deallocate() }

    /// Reports what `target` becomes ready for, in both directions, as `token`.
    func add(_ target: Int32, token: UInt64) throws(SystemError) {
        let interest = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue
        try register(target, interest | EPOLLET.rawValue, token)
    }

    /// Reports `target` as readable for as long as it is (listening sockets, wake-ups).
    func addLevelTriggered(_ target: Int32, token: UInt64) throws(SystemError) {
        try register(target, EPOLLIN.rawValue, token)
    }

    func remove(_ target: Int32) {
        epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, target, nil)
    }

    private func register(_ target: Int32, _ interest: UInt32, _ token: UInt64) throws(SystemError)
    {
        var event = unsafe epoll_event(events: interest, data: epoll_data_t(u64: token))
        guard unsafe epoll_ctl(descriptor.rawValue, EPOLL_CTL_ADD, target, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Waits for events, at most `milliseconds` (-1: for ever); returns how many there are.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(
            descriptor.rawValue,
            events,
            Int32(Self.eventLimit),
            milliseconds
        )
        precondition(count >= 0 || errno == EINTR, "epoll_wait fails on our own mistakes only")
        return max(0, Int(count))
    }

    /// One of the events of the last `wait`.
    func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        precondition(index < Self.eventLimit)
        let event = unsafe events[index]
        return unsafe (event.data.u64, Readiness(bits: event.events))
    }
}

/// Wakes a thread that waits in a `Poller` (eventfd).
package struct WakeUp: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init() throws(SystemError) {
        let flags = Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)
        descriptor = try FileDescriptor("eventfd", eventfd(0, flags))
    }

    package var rawValue: Int32 { descriptor.rawValue }

    /// From any thread.
    package func signal() {
        var one: UInt64 = 1
        unsafe write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size)
    }

    func clear() {
        var count: UInt64 = 0
        unsafe read(descriptor.rawValue, &count, MemoryLayout<UInt64>.size)
    }
}
