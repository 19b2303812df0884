import CLinux
import Glibc
import Proxy
import Synchronization

/// How a connection disappointed a test.
package enum WireFailure: Error, Equatable, CustomStringConvertible {
    case timedOut(waitingFor: String)
    /// The other side reset the connection.
    case reset
    /// The connection ended, cleanly, before the message did.
    case closedEarly(after: String)
    case malformed(String)
    case system(call: String, code: Int32)

    package var description: String {
        switch self {
        case .timedOut(let what): "timed out waiting for \(what)"
        case .reset: "the connection was reset"
        case .closedEarly(let what): "the connection was closed after \(what)"
        case .malformed(let what): "malformed: \(what)"
        case .system(let call, let code): "\(call) failed with errno \(code)"
        }
    }

    /// Whether a connect met nobody: refused, or reset when its listener was closed meanwhile.
    package var isRefusal: Bool {
        self == .system(call: "connect", code: ECONNREFUSED)
            || self == .system(call: "connect", code: ECONNRESET)
    }

    /// Whether the message was broken off, in a way that nobody can take for its end.
    package var isBrokenOff: Bool {
        switch self {
        case .reset, .closedEarly: true
        case .timedOut, .malformed, .system: false
        }
    }
}

/// A connected TCP socket of a test; every wait on it ends by a deadline.
package final class Wire: Sendable {
    private let descriptor: Atomic<Int32>

    /// Takes ownership of a connected socket.
    init(adopting socket: Int32) {
        descriptor = Atomic(socket)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        var on: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    /// Two ends of a connection that leads nowhere else.
    static func pair() throws -> (Wire, Wire) {
        var ends: [Int32] = [0, 0]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw WireFailure.system(call: "socketpair", code: errno)
        }
        return (Wire(adopting: ends[0]), Wire(adopting: ends[1]))
    }

    deinit { close() }

    var rawValue: Int32 { descriptor.load(ordering: .relaxed) }

    // MARK: Sending

    package func send(_ text: String, within duration: Duration = Deadline.patience) throws {
        try send(Array(text.utf8), within: duration)
    }

    package func send(_ bytes: [UInt8], within duration: Duration = Deadline.patience) throws {
        try send(bytes[...], within: duration)
    }

    package func send(_ bytes: ArraySlice<UInt8>, within duration: Duration = Deadline.patience)
        throws
    {
        let deadline = Deadline(after: duration)
        var rest = bytes
        while !rest.isEmpty {
            let count = try sendSome(rest)
            rest = rest.dropFirst(count)
            if count == 0 {
                try ready(POLLOUT, until: deadline, "room to send \(rest.count) bytes")
            }
        }
    }

    /// Sends what fits right now and returns how much that was.
    package func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        switch errno {
        case EAGAIN, EINTR: return 0
        case ECONNRESET, EPIPE: throw WireFailure.reset
        case let code: throw WireFailure.system(call: "send", code: code)
        }
    }

    /// Waits until there is room to send; false when there was none for `duration`.
    @discardableResult
    package func awaitRoom(for duration: Duration) -> Bool {
        (try? ready(POLLOUT, until: Deadline(after: duration), "room")) != nil
    }

    /// Waits until there is something to read; false when nothing came for `duration`.
    @discardableResult
    package func awaitBytes(for duration: Duration) -> Bool {
        (try? ready(POLLIN, until: Deadline(after: duration), "bytes")) != nil
    }

    /// Closes the sending half; what the other side sends can still be read.
    package func finishSending() { _ = shutdown(rawValue, Int32(SHUT_WR)) }

    // MARK: Receiving

    /// Waits for bytes and puts them at `range` of `buffer`; 0 is the end of the stream.
    package func receive(
        into buffer: inout [UInt8],
        at range: Range<Int>,
        until deadline: Deadline,
        for what: @autoclosure () -> String
    ) throws -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
                return unsafe recv(rawValue, free.baseAddress, free.count, 0)
            }
            if count >= 0 { return count }
            switch errno {
            case EAGAIN, EINTR: try ready(POLLIN, until: deadline, what())
            case ECONNRESET, EPIPE: throw WireFailure.reset
            case let code: throw WireFailure.system(call: "recv", code: code)
            }
        }
    }

    /// Whether the other side closed or reset, told without taking bytes that are waiting.
    package var isClosedByOther: Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(rawValue, &byte, 1, Int32(MSG_PEEK))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    private func ready(_ events: Int32, until deadline: Deadline, _ what: String) throws {
        var entry = pollfd(fd: rawValue, events: Int16(events), revents: 0)
        let count = unsafe poll(&entry, 1, deadline.remainingMilliseconds)
        if count == 0 { throw WireFailure.timedOut(waitingFor: what) }
    }

    // MARK: Ending

    /// Makes every thread that waits on this socket see its end.
    package func interrupt() { _ = shutdown(rawValue, Int32(SHUT_RDWR)) }

    package func close() {
        let socket = descriptor.exchange(-1, ordering: .relaxed)
        if socket >= 0 { _ = Glibc.close(socket) }
    }

    /// Closes so that the other side gets a reset instead of an end; no other thread may wait on it.
    package func reset() {
        resetAtClose()
        close()
    }

    /// Lets `close` reset, and makes every thread that waits on this socket see its end.
    ///
    /// The thread that reads has to be gone before the close: a poll that is woken looks its
    /// descriptor up again, and may find the next connection under the same number.
    func resetAtClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            rawValue,
            SOL_SOCKET,
            SO_LINGER,
            &now,
            socklen_t(MemoryLayout<linger>.size)
        )
        _ = shutdown(rawValue, Int32(SHUT_RD))
    }
}
