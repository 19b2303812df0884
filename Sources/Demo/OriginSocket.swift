import CLinux
import Glibc
import Proxy

/// A blocking TCP socket of an origin; whoever opened it closes it.
struct OriginSocket: Sendable {
    let descriptor: Int32

    /// Longer than a proxy keeps an idle connection (60 s), so that it is never the origin that
    /// closes first while a request is on its way.
    static let idleLimitSeconds = 120

    /// POLLRDHUP, which Swift's Glibc module does not declare: the other side sends no more.
    private static let peerEnded: Int16 = 0x2000

    /// A listening socket on `address`; nil leaves the reason in `errno`.
    static func listening(on address: IPAddress, port: UInt16) -> OriginSocket? {
        let family = address.isV4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let listener = OriginSocket(descriptor: descriptor)
        listener.closeOnExec()
        listener.set(SO_REUSEADDR, at: SOL_SOCKET)
        guard listener.bind(to: address, port: port), listen(descriptor, SOMAXCONN) == 0 else {
            let reason = errno
            listener.close()
            errno = reason
            return nil
        }
        return listener
    }

    /// Waits for a connection; nil when the listening socket was shut down.
    func accepted() -> OriginSocket? {
        while true {
            let descriptor = accept(self.descriptor, nil, nil)
            if descriptor >= 0 {
                let connection = OriginSocket(descriptor: descriptor)
                connection.prepare()
                return connection
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: _ = waitForHangUp(milliseconds: 50)
            default: return nil
            }
        }
    }

    /// Appends what has arrived to `buffer`; false at the end of the stream or after an error.
    func receive(into buffer: inout [UInt8], limit: Int = 16 * 1024) -> Bool {
        var count = 0
        let block = unsafe [UInt8](unsafeUninitializedCapacity: limit) { space, filled in
            repeat {
                count = unsafe recv(descriptor, space.baseAddress, limit, 0)
            } while count < 0 && errno == EINTR
            filled = max(count, 0)
        }
        buffer += block
        return count > 0
    }

    /// Sends all of `bytes`; false when the other side is gone.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    descriptor,
                    raw.baseAddress?.advanced(by: sent),
                    raw.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits; true as soon as the other side, or `shutDown` on this one, ended the connection.
    func waitForHangUp(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Self.peerEnded, revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// Ends both directions, which wakes a thread that waits on the socket.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func close() { Glibc.close(descriptor) }

    private func prepare() {
        closeOnExec()
        set(TCP_NODELAY, at: Int32(IPPROTO_TCP))
        var limit = timeval(tv_sec: Self.idleLimitSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(
                descriptor,
                SOL_SOCKET,
                option,
                &limit,
                socklen_t(MemoryLayout<timeval>.size)
            )
        }
    }

    private func closeOnExec() { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

    private func set(_ option: Int32, at level: Int32) {
        var on: Int32 = 1
        unsafe setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private func bind(to address: IPAddress, port: UInt16) -> Bool {
        guard address.isV4 else {
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            raw.sin6_addr = in6addr_loopback
            return bind(raw: &raw)
        }
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = port.bigEndian
        raw.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
        return bind(raw: &raw)
    }

    private func bind<Raw>(raw: inout Raw) -> Bool {
        let size = socklen_t(MemoryLayout<Raw>.size)
        return unsafe withUnsafePointer(to: &raw) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, size) == 0
            }
        }
    }
}
