import CLinux
import Glibc

/// systemd's end of the socket that a service tells its state to.
package final class ServiceListener: Sendable {
    package let path: String
    private let descriptor: Int32

    package init(at path: String) {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafeBytes(of: &name) { raw in
            unsafe bind(
                descriptor,
                raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                size
            )
        }
        precondition(bound == 0, "a socket at \(path)")
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        let limitSize = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, limitSize)
    }

    deinit { close(descriptor) }

    /// The next datagram; empty when none came in time.
    package func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    /// Takes datagrams until one begins with `start`, and returns it.
    package func wait(for start: String) throws -> String {
        let deadline = Deadline()
        while !deadline.hasPassed {
            let text = next()
            if text.hasPrefix(start) { return text }
        }
        throw TestFailure("systemd was not told \(start)")
    }
}
