import CLinux
import Glibc

/// Where a socket is bound or connected: an address with a port, or a path (AF_UNIX).
package enum SocketAddress: Sendable, Hashable {
    case ip(IPAddress, port: UInt16)
    case unix(path: String)

    /// Longest path that fits `sun_path` with its closing zero.
    package static let unixPathLimitBytes = 107

    package static func loopback(port: UInt16) -> SocketAddress {
        .ip(IPAddress(v4: 0x7F00_0001), port: port)
    }

    /// Calls `body` with the address as the kernel wants it.
    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch self {
        case .ip(let address, let port) where address.isV4:
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
            return unsafe Self.rebound(&raw, body)
        case .ip(let address, let port):
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            raw.sin6_addr = address.in6
            return unsafe Self.rebound(&raw, body)
        case .unix(let path):
            var raw = sockaddr_un()
            raw.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            precondition(bytes.count <= Self.unixPathLimitBytes, "a checked path fits")
            unsafe withUnsafeMutableBytes(of: &raw.sun_path) { unsafe $0.copyBytes(from: bytes) }
            return unsafe Self.rebound(&raw, body)
        }
    }

    private static func rebound<Raw, Result>(
        _ raw: inout Raw,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafeBytes(of: &raw) { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("never empty") }
            return unsafe body(
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<Raw>.size)
            )
        }
    }

    /// The address family of a socket for it.
    var family: Int32 {
        switch self {
        case .ip(let address, _): address.isV4 ? AF_INET : AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Reads what accept or getsockname filled in; nil for a family that we do not know.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let raw = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in.self) }
            self = .ip(
                IPAddress(v4: UInt32(bigEndian: raw.sin_addr.s_addr)),
                port: UInt16(bigEndian: raw.sin_port)
            )
        case AF_INET6:
            let raw = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in6.self) }
            self = .ip(IPAddress(raw.sin6_addr), port: UInt16(bigEndian: raw.sin6_port))
        case AF_UNIX:
            self = .unix(path: "")
        default: return nil
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(let address, let port):
            address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
