import CLinux
import Glibc

/// Resolves the names of endpoints again and again, on a thread of its own (getaddrinfo blocks).
final class Resolver: Sendable {
    private struct Orders {
        var names: Set<String> = []
        var interval = Duration.seconds(5)
        var isStopped = false
        var version = 0
    }

    private let orders = Lock(Orders())
    private let wakeUp: WakeUp
    private let thread = ThreadBox()
    /// Called, from the resolver's thread, with every name's addresses; a name that did not
    /// resolve this time is left out.
    private let onResult: @Sendable ([String: [IPAddress]]) -> Void

    init(onResult: @escaping @Sendable ([String: [IPAddress]]) -> Void) throws(SystemError) {
        self.onResult = onResult
        wakeUp = try WakeUp()
    }

    func start() { thread.start(name: "resolver") { [self] in run() } }

    /// Resolves these from now on, for the first time at once.
    func watch(_ names: Set<String>, every interval: Duration) {
        let isChanged = orders.withLock { orders in
            guard orders.names != names || orders.interval != interval else { return false }
            orders.names = names
            orders.interval = interval
            return true
        }
        if isChanged { wakeUp.signal() }
    }

    func stop() {
        orders.withLock { $0.isStopped = true }
        wakeUp.signal()
        thread.join()
    }

    private func run() {
        while true {
            let now = orders.withLock { $0 }
            if now.isStopped { return }
            if !now.names.isEmpty {
                var found: [String: [IPAddress]] = [:]
                for name in now.names.sorted() { found[name] = Self.resolve(name) }
                onResult(found)
            }
            wait(now.names.isEmpty ? nil : now.interval)
        }
    }

    private func wait(_ interval: Duration?) {
        let milliseconds = interval.map { Int32(clamping: Nanoseconds($0).count / 1_000_000) } ?? -1
        var poll = pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0)
        if unsafe Glibc.poll(&poll, 1, milliseconds) > 0 { wakeUp.clear() }
    }

    /// All addresses of a name, IPv4 first, in a steady order; nil when it does not resolve.
    static func resolve(_ name: String) -> [IPAddress]? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name, nil, &hints, &list) == 0 else { return nil }
        defer { unsafe freeaddrinfo(list) }
        var addresses: Set<IPAddress> = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe address(of: entry.pointee) { addresses.insert(address) }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { return nil }
        return addresses.sorted {
            ($0.isV4 ? 0 : 1, $0.high, $0.low) < ($1.isV4 ? 0 : 1, $1.high, $1.low)
        }
    }

    private static func address(of entry: addrinfo) -> IPAddress? {
        var storage = sockaddr_storage()
        let size = min(Int(unsafe entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        guard let source = unsafe entry.ai_addr else { return nil }
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: size))
        }
        guard case .ip(let address, _) = SocketAddress(storage) else { return nil }
        return address
    }
}
