import CLinux
import Glibc
import Proxy

/// One end of a socket pair between two processes of ours: whole messages, each a JSON object.
final class MessageChannel: Sendable {
    /// Largest message: a list of listeners fits many times.
    static let messageLimitBytes = 128 << 10

    enum Arrival {
        case message(JSON)
        /// The other process has ended or closed its end.
        case end
        case late
    }

    let rawValue: Int32
    private let socket: Lock<FileDescriptor?>

    init(_ socket: consuming FileDescriptor) {
        rawValue = socket.rawValue
        self.socket = Lock(socket)
    }

    /// Gives the end up, before this object goes.
    func close() { socket.withLock { $0 = nil } }

    /// Both ends of a new channel; each is closed on exec.
    static func pair() throws(SystemError) -> (MessageChannel, MessageChannel) {
        var ends: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { room in
            unsafe socketpair(
                AF_UNIX,
                type,
                0,
                room.baseAddress?.assumingMemoryBound(to: Int32.self)
            )
        }
        guard result == 0 else { throw SystemError("socketpair") }
        let (first, second) = ends
        return (
            MessageChannel(try FileDescriptor("socketpair", first)),
            MessageChannel(try FileDescriptor("socketpair", second))
        )
    }

    /// Sends a message; false when the other process is gone.
    @discardableResult
    func send(_ message: JSON) -> Bool {
        let bytes = Array(message.line.utf8)
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe Glibc.send(rawValue, raw.baseAddress, raw.count, Int32(MSG_NOSIGNAL))
                == raw.count
        }
    }

    /// The next message; waits for ever without a deadline.
    func receive(until deadline: ContinuousClock.Instant? = nil) -> Arrival {
        while true {
            var milliseconds: Int32 = -1
            if let deadline {
                let rest = (deadline - ContinuousClock.now) / .milliseconds(1)
                guard rest > 0 else { return .late }
                milliseconds = Int32(clamping: Int(rest.rounded(.up)))
            }
            var entry = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&entry, 1, milliseconds) > 0 else { continue }
            var count = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.messageLimitBytes) {
                unsafe count = recv(rawValue, $0.baseAddress, $0.count, 0)
                $1 = max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0, let json = try? JSONParser.parse(bytes) else { return .end }
            return .message(json)
        }
    }
}
