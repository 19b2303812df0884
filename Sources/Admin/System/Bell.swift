import CLinux
import Glibc
import Proxy

/// Wakes one thread that waits, from any other; a ring that nobody waits for is not lost.
final class Bell: Sendable {
    private let descriptor: FileDescriptor

    /// Throws when the system has no descriptor left.
    init() throws(SystemError) {
        let flags = Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)
        descriptor = try FileDescriptor("eventfd", eventfd(0, flags))
    }

    var rawValue: Int32 { descriptor.rawValue }

    func ring() {
        var one: UInt64 = 1
        unsafe write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size)
    }

    /// Returns after a ring, or after `limit`; nil waits for ever.
    func wait(_ limit: Duration?) {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        let milliseconds = limit.map { Int32(clamping: max(1, $0.milliseconds)) } ?? -1
        unsafe poll(&entry, 1, milliseconds)
        clear()
    }

    func clear() {
        var count: UInt64 = 0
        unsafe read(descriptor.rawValue, &count, MemoryLayout<UInt64>.size)
    }
}
