import CLinux
import Glibc

/// Opens sockets; every one is non-blocking and closed on exec.
package enum Socket {
    /// Length of the queue of connections that wait to be accepted; the kernel caps it at
    /// `net.core.somaxconn` (4,096 by default since Linux 5.4).
    static let backlog: Int32 = 4_096

    private static let streamFlags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    static func stream(_ family: Int32) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(
            "socket",
            socket(family, Int32(SOCK_STREAM.rawValue) | streamFlags, 0)
        )
    }

    /// A listening socket; with `shared`, others may listen on the same address (SO_REUSEPORT).
    package static func listener(
        at address: SocketAddress,
        shared: Bool
    ) throws(SystemError) -> FileDescriptor {
        let descriptor = try stream(address.family)
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if shared { setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if address.family == AF_INET6 {
            setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        // Linux hands this option down to accepted sockets, so that none needs a call of its own.
        if address.family != AF_UNIX { setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        let bound = unsafe address.withSockaddr { unsafe bind(descriptor.rawValue, $0, $1) }
        guard bound == 0 else { throw SystemError("bind") }
        guard listen(descriptor.rawValue, backlog) == 0 else { throw SystemError("listen") }
        return descriptor
    }

    /// Begins to connect; whether it worked shows when the socket becomes writable.
    static func connect(to address: SocketAddress) throws(SystemError) -> FileDescriptor {
        let descriptor = try stream(address.family)
        if address.family != AF_UNIX { setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        let result = unsafe address.withSockaddr {
            unsafe Glibc.connect(descriptor.rawValue, $0, $1)
        }
        guard result == 0 || errno == EINPROGRESS else { throw SystemError("connect") }
        return descriptor
    }

    /// The address that a socket is bound to, with the port that the kernel chose for port 0.
    package static func boundAddress(of descriptor: borrowing FileDescriptor) -> SocketAddress? {
        boundAddress(of: descriptor.rawValue)
    }

    package static func boundAddress(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe getsockname(
                descriptor,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                &length
            )
        }
        return result == 0 ? SocketAddress(storage) : nil
    }

    /// The error that a connect in progress ended with; 0 for success.
    static func pendingError(of descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code
    }

    private static func setOption(
        _ descriptor: borrowing FileDescriptor,
        _ level: Int32,
        _ name: Int32,
        _ value: Int32
    ) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor.rawValue, level, name, &value, size)
    }
}

/// A connection taken from a listening socket.
package struct AcceptedConnection: ~Copyable {
    private let socket: FileDescriptor
    /// The unspecified address for a peer without one (AF_UNIX).
    package let peer: IPAddress

    init(socket: consuming FileDescriptor, peer: IPAddress) {
        self.socket = socket
        self.peer = peer
    }

    package consuming func takeSocket() -> FileDescriptor { socket }
}

/// Why `accept` gave no connection.
package enum AcceptFailure: Error, Equatable {
    /// None waits.
    case wouldBlock
    /// Descriptors or memory ran out; the connection stays in the queue.
    case exhausted(Int32)
    /// This one is gone already; the next may be well.
    case aborted
}

extension Socket {
    package static func accept(from listener: Int32) throws(AcceptFailure) -> AcceptedConnection {
        var storage = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let descriptor = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe accept4(
                listener,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                &length,
                streamFlags
            )
        }
        guard let socket = try? FileDescriptor("accept4", descriptor) else {
            switch errno {
            case EAGAIN: throw .wouldBlock
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: throw .exhausted(errno)
            default: throw .aborted
            }
        }
        return AcceptedConnection(socket: socket, peer: peerAddress(storage))
    }

    private static func peerAddress(_ storage: sockaddr_in6) -> IPAddress {
        switch Int32(storage.sin6_family) {
        case AF_INET6: return IPAddress(storage.sin6_addr)
        case AF_INET:
            // In sockaddr_in the address stands where sockaddr_in6 has its flow label.
            return IPAddress(v4: UInt32(bigEndian: storage.sin6_flowinfo))
        default: return IPAddress(high: 0, low: 0)
        }
    }
}
