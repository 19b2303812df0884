import BenchmarkSockets
import CLinux
import Glibc

/// One connection to what is measured: what is to be written on it, what it owes us.
final class LoadConnection {
    /// What reading brought.
    enum Reading {
        /// Responses ended, and the connection is open.
        case open(ended: Int)
        /// The other end closed the connection after `ended` responses.
        case closed(ended: Int)
        case failed(reason: String)
    }

    /// Body that is still to come is thrown away inside the kernel from this size on.
    private static let discardBytes = 16 * 1024

    let descriptor: Int32
    private let stream: RequestStream
    private var reader = ResponseReader()
    private var sentBytes = 0
    private var unsentBytes = 0
    /// Bytes that were read, heads and bodies.
    private(set) var receivedBytes = 0
    /// When the requests without an answer were due, oldest first.
    private(set) var due: [UInt64] = []

    init?(port: UInt16, source: UInt8, stream: RequestStream) {
        guard let descriptor = Socket.connect(port: port, from: source) else { return nil }
        self.descriptor = descriptor
        self.stream = stream
    }

    deinit { close(descriptor) }

    /// Adds a request that was due at `time`; `flush` sends it.
    func add(dueAt time: UInt64) {
        due.append(time)
        unsentBytes += stream.requestBytes
    }

    /// Writes what can be written; false when the connection is broken.
    func flush() -> Bool {
        while unsentBytes > 0 {
            let count = stream.write(unsentBytes, after: sentBytes, to: descriptor)
            if count < 0 { return errno == EAGAIN || errno == ENOTCONN }
            sentBytes += count
            unsentBytes -= count
        }
        return true
    }

    /// Removes the oldest request without an answer and returns when it was due.
    func takeDue() -> UInt64 { due.removeFirst() }

    /// Reads into `buffer` until nothing more is expected or there; `untilClosed` when the other
    /// end is known to have closed, as no further event would tell.
    func read(into buffer: ReadBuffer, untilClosed: Bool) -> Reading {
        var ended = 0
        while true {
            let discardable = reader.discardableBytes
            let discards = discardable >= Self.discardBytes
            let asked = discards ? discardable : ReadBuffer.capacity
            let count =
                discards
                ? buffer.discard(asked, from: descriptor) : buffer.fill(from: descriptor)
            if count < 0, errno == EAGAIN { return .open(ended: ended) }
            guard count >= 0 else { return .failed(reason: "the connection was reset") }
            if count == 0 {
                let isClean = reader.isBetweenResponses && due.count == ended
                return isClean ? .closed(ended: ended) : .failed(reason: "closed before the end")
            }
            receivedBytes += count
            if discards {
                ended += reader.discard(count)
            } else {
                do {
                    ended += try reader.read(buffer.bytes(count))
                } catch {
                    return .failed(reason: error.reason)
                }
            }
            guard ended <= due.count else { return .failed(reason: "more responses than requests") }
            if !untilClosed, count < asked || ended == due.count { return .open(ended: ended) }
        }
    }
}

/// The memory that all connections read into, one after the other.
@safe final class ReadBuffer {
    static let capacity = 256 * 1024

    private let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)

    deinit { unsafe memory.deallocate() }

    func fill(from descriptor: Int32) -> Int {
        unsafe recv(descriptor, memory.baseAddress, Self.capacity, 0)
    }

    /// Lets the kernel throw `count` bytes away, which spares their copy.
    func discard(_ count: Int, from descriptor: Int32) -> Int {
        recv(descriptor, nil, count, Int32(MSG_TRUNC))
    }

    /// The first `count` bytes of what was read last.
    @_lifetime(borrow self)
    func bytes(_ count: Int) -> Span<UInt8> {
        let bytes = unsafe UnsafeBufferPointer(rebasing: memory[..<count])
        return unsafe _overrideLifetime(bytes.span, borrowing: self)
    }
}
