import CLinux
import Glibc
import Proxy

/// A connected socket on which every wait has an end.
struct Connection: ~Copyable {
    /// Bytes that one receive takes.
    private static let receiveBytes = 16 * 1024

    private let socket: FileDescriptor

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    var rawValue: Int32 { socket.rawValue }

    enum Arrival {
        case bytes([UInt8])
        case end
        case late
    }

    /// What comes before `deadline`.
    borrowing func receive(until deadline: ContinuousClock.Instant) -> Arrival {
        while true {
            var count = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.receiveBytes) {
                room,
                filled in
                count = unsafe recv(
                    socket.rawValue,
                    room.baseAddress,
                    room.count,
                    Int32(MSG_DONTWAIT)
                )
                filled = max(count, 0)
            }
            if count > 0 { return .bytes(bytes) }
            if count < 0, errno == EINTR { continue }
            guard count < 0, errno == EAGAIN else { return .end }
            guard isReady(POLLIN, until: deadline) else { return .late }
        }
    }

    /// Sends everything; false when the other side is gone or does not read until `deadline`.
    borrowing func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            let count = unsafe rest.withUnsafeBytes { raw in
                unsafe Glibc.send(socket.rawValue, raw.baseAddress, raw.count, flags)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard isReady(POLLOUT, until: deadline) else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private borrowing func isReady(_ event: Int32, until deadline: ContinuousClock.Instant) -> Bool
    {
        while true {
            let rest = deadline - ContinuousClock.now
            let milliseconds = rest / .milliseconds(1)
            guard milliseconds > 0 else { return false }
            var entry = pollfd(fd: socket.rawValue, events: Int16(event), revents: 0)
            let limit = Int32(clamping: Int(milliseconds.rounded(.up)))
            let count = unsafe poll(&entry, 1, limit)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
