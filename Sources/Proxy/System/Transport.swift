import CLinux
import Glibc

/// What one read or write on a non-blocking stream came to.
enum IOResult: Equatable {
    /// So many bytes, at least one.
    case bytes(Int)
    case wouldBlock
    /// The other side has sent its last byte (reads only).
    case endOfStream
    /// The connection is broken: `errno`.
    case failed(Int32)
}

/// The byte stream of one connection.
///
/// Connections read and write through it alone, so that an encrypted stream can take its place
/// without a change to them; for a plain socket each call is one system call and nothing else.
struct Transport: ~Copyable {
    /// The socket; -1 while there is none.
    private(set) var descriptor: Int32 = -1

    init() {}

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    mutating func open(_ socket: consuming FileDescriptor) {
        precondition(descriptor < 0, "opened twice")
        descriptor = socket.release()
    }

    /// Closes the socket, which also takes it out of its epoll instance.
    mutating func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Reads once into `space`, which is not empty.
    func receive(into space: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = unsafe recv(descriptor, space.baseAddress, space.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .endOfStream }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    /// Writes `bytes`, which are in one piece, as far as the socket takes them.
    ///
    /// Cheaper in the kernel than `send` of slices: there is no list to copy and check.
    func send(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = unsafe Glibc.send(
                descriptor,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL)
            )
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    /// Writes all `slices` in one call, as far as the socket takes them.
    func send(_ slices: UnsafeBufferPointer<iovec>) -> IOResult {
        while true {
            let count = unsafe writev(descriptor, slices.baseAddress, Int32(slices.count))
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    /// Whether bytes or an end of stream wait to be read on a connection that should be silent.
    var hasUnexpectedInput: Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        return count >= 0 || errno != EAGAIN
    }

    /// Tells the other side that nothing more comes; reading goes on.
    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes the coming close send a reset, so that a cut message cannot pass for a whole one.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
    }
}
