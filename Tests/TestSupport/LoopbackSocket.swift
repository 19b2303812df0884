import CLinux
import Glibc

/// System calls that make the kit's sockets; IPv4 loopback only.
enum LoopbackSocket {
    /// A socket bound to `port`, where 0 is any free one; it does not listen yet.
    static func bound(port: UInt16 = 0, host: String = "127.0.0.1") throws -> Int32 {
        let socket = try make()
        var on: Int32 = 1
        unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        let code = unsafe withAddress(host, port) { unsafe bind(socket, $0, $1) }
        guard code == 0 else {
            let code = errno
            close(socket)
            throw WireFailure.system(call: "bind", code: code)
        }
        return socket
    }

    /// A socket bound to a path, which must not exist.
    static func bound(path: String) throws -> Int32 {
        let socket = try make(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let code = unsafe withUnsafeBytes(of: &address) { bytes in
            let raw = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return unsafe bind(socket, raw, socklen_t(bytes.count))
        }
        guard code == 0 else {
            let code = errno
            close(socket)
            throw WireFailure.system(call: "bind", code: code)
        }
        return socket
    }

    /// A socket connected to `port`; a small receive buffer has to be asked for before that.
    static func connected(
        host: String,
        port: UInt16,
        source: String?,
        receiveBufferBytes: Int32?
    ) throws -> Int32 {
        let socket = try source.map { try bound(host: $0) } ?? make()
        if var bytes = receiveBufferBytes {
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        let code = unsafe withAddress(host, port) { unsafe connect(socket, $0, $1) }
        guard code == 0 else {
            let code = errno
            close(socket)
            throw WireFailure.system(call: "connect", code: code)
        }
        return socket
    }

    /// Makes little room at both ends of a connection to this listener: the sender's buffer grows
    /// with the segments, which are as large as a packet of the loopback device otherwise.
    static func holdLittle(_ socket: Int32) {
        var (buffer, segment): (Int32, Int32) = (1, 536)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, 4)
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, 4)
    }

    static func port(of socket: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let raw = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            _ = unsafe getsockname(socket, raw, &length)
        }
        return UInt16(bigEndian: address.sin_port)
    }

    static func withAddress(
        _ host: String,
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe inet_pton(AF_INET, host, &address.sin_addr)
        return unsafe withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("never empty") }
            return unsafe body(
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size)
            )
        }
    }

    private static func make(_ family: Int32 = AF_INET) throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = socket(family, type, 0)
        guard socket >= 0 else { throw WireFailure.system(call: "socket", code: errno) }
        return socket
    }
}

/// An address where connecting never ends: it listens, and its queue is full.
package final class BlackHole: Sendable {
    private let listener: Int32
    private let fillers: [Int32]
    package let port: UInt16

    package init() throws {
        listener = try LoopbackSocket.bound()
        guard listen(listener, 0) == 0 else {
            throw WireFailure.system(call: "listen", code: errno)
        }
        let port = LoopbackSocket.port(of: listener)
        self.port = port
        // Linux keeps one connection more than asked for; whatever follows gets no answer.
        fillers = try (0..<4).map { _ in
            let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
            let socket = socket(AF_INET, Int32(type), 0)
            guard socket >= 0 else { throw WireFailure.system(call: "socket", code: errno) }
            _ = unsafe LoopbackSocket.withAddress("127.0.0.1", port) {
                unsafe connect(socket, $0, $1)
            }
            return socket
        }
    }

    deinit {
        for socket in fillers { close(socket) }
        close(listener)
    }
}

/// A port that refuses connections and that nobody else can take meanwhile.
package final class RefusingPort: Sendable {
    private let socket: Int32
    package let port: UInt16

    package init() throws {
        socket = try LoopbackSocket.bound()
        port = LoopbackSocket.port(of: socket)
    }

    deinit { close(socket) }
}
