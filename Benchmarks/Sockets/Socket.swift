import CLinux
import Glibc

/// TCP over IPv4 loopback, the only network of the benchmarks; every socket is non-blocking.
package enum Socket {
    /// Connections that wait to be accepted; the kernel's default `somaxconn`.
    private static let backlog: Int32 = 4_096

    /// `127.0.0.last`, port `port`.
    private static func loopback(last: UInt8, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(127 << 24) | UInt32(last)).bigEndian
        return address
    }

    /// A listening socket on 127.0.0.1; port 0 takes a free one.
    package static func listen(port: UInt16) -> (descriptor: Int32, port: UInt16) {
        let descriptor = tcp()
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        var address = loopback(last: 1, port: port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withAddress(&address) { unsafe bind(descriptor, $0, size) == 0 }
        require(isBound, "bind to 127.0.0.1:\(port)")
        require(Glibc.listen(descriptor, backlog) == 0, "listen")
        _ = unsafe withAddress(&address) { unsafe getsockname(descriptor, $0, &size) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// The next waiting connection of `listener`, or nil.
    package static func accept(from listener: Int32) -> Int32? {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = accept4(listener, nil, nil, flags)
        guard descriptor >= 0 else { return nil }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return descriptor
    }

    /// Starts to connect to 127.0.0.1 from `127.0.0.source`, or nil when there is no free port.
    package static func connect(port: UInt16, from source: UInt8) -> Int32? {
        let descriptor = tcp()
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // The port is chosen by connect, which knows the other end, so that more fit.
        set(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = loopback(last: source, port: 0)
        let isBound = unsafe withAddress(&address) { unsafe bind(descriptor, $0, size) == 0 }
        require(isBound, "bind to 127.0.0.\(source)")
        address = loopback(last: 1, port: port)
        let result = unsafe withAddress(&address) { unsafe Glibc.connect(descriptor, $0, size) }
        guard result == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func tcp() -> Int32 {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        require(descriptor >= 0, "socket")
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        require(unsafe setsockopt(descriptor, level, option, &value, size) == 0, "setsockopt")
    }

    private static func withAddress<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
        }
    }
}
