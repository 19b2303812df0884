import CLinux
import Glibc
import Proxy

/// A test's upstream: answers as its behaviour says and records every request's exact bytes.
///
/// One thread per connection, blocking. Health checks (`GET /health`) are answered apart from the
/// behaviour and are no part of the record.
package final class OriginServer: Sendable {
    package typealias Behaviour = @Sendable (OriginExchange) throws -> Void

    /// What the origin's threads share.
    struct Shared {
        var behaviour: Behaviour
        var isHealthy = true
        var requests: [OriginRequest] = []
        /// Off for long runs, whose records would fill the memory.
        var keepsRecord = true
        var probes = 0
        /// What arrived and was no request.
        var violations: [String] = []
        /// Connections that carried a request.
        var connectionsUsed = 0
        var connectionsAccepted = 0
        /// The open ones; each has a thread.
        var connections: [Int: Wire] = [:]
    }

    package let name: String
    /// 0 at a path.
    package let port: UInt16
    /// Where it listens instead of a port.
    private let path: String?
    private let host: String
    /// Its sockets hold as few unread bytes as the kernel lets them.
    private let takesLittle: Bool
    let shared: Monitor<Shared>
    /// Holds the port while nobody listens; nil at a path.
    private let reservation: Int32?
    private let listener = Monitor<(socket: Int32, thread: WorkThread)?>(nil)

    package init(
        _ name: String = "origin",
        path: String? = nil,
        host: String = "127.0.0.1",
        port wanted: UInt16 = 0,
        listening: Bool = true,
        keepsRecord: Bool = true,
        takesLittle: Bool = false,
        _ behaviour: @escaping Behaviour = { try $0.respond(body: "\($0.originName)\n") }
    ) throws {
        self.name = name
        self.path = path
        self.host = host
        self.takesLittle = takesLittle
        reservation = path == nil ? try LoopbackSocket.bound(port: wanted, host: host) : nil
        port = reservation.map { LoopbackSocket.port(of: $0) } ?? 0
        shared = Monitor(Shared(behaviour: behaviour, keepsRecord: keepsRecord))
        if listening { try listen() }
    }

    deinit {
        stopListening()
        closeConnections()
        if let reservation { Glibc.close(reservation) }
        _ = try? shared.wait(for: "the end of all threads") { $0.connections.isEmpty ? true : nil }
    }

    /// `127.0.0.1:PORT`, or `unix:PATH`.
    package var authority: String { path.map { "unix:\($0)" } ?? "\(host):\(port)" }

    package var endpoint: Config.Endpoint {
        Config.Endpoint(
            authority: authority,
            target: .address(path.map { .unix(path: $0) } ?? .loopback(port: port))
        )
    }

    // MARK: What a test may change

    package func behave(_ behaviour: @escaping Behaviour) {
        shared.use { $0.behaviour = behaviour }
    }

    package var isHealthy: Bool {
        get { shared.use { $0.isHealthy } }
        set { shared.use { $0.isHealthy = newValue } }
    }

    /// Turns its health, and answers how many probes it had answered until then.
    package func turn(healthy: Bool) -> Int {
        shared.use { shared in
            shared.isHealthy = healthy
            return shared.probes
        }
    }

    package func listen() throws {
        let socket =
            try path.map { try LoopbackSocket.bound(path: $0) }
            ?? LoopbackSocket.bound(port: port, host: host)
        if takesLittle { LoopbackSocket.holdLittle(socket) }
        guard Glibc.listen(socket, 1024) == 0 else {
            throw WireFailure.system(call: "listen", code: errno)
        }
        let thread = WorkThread { [shared, name] in
            OriginConnection.acceptAll(from: socket, shared: shared, name: name)
        }
        listener.use { $0 = (socket, thread) }
    }

    /// Refuses new connections; open ones live on.
    package func stopListening() {
        guard let (socket, thread) = listener.use({ $0.take() }) else { return }
        shutdown(socket, Int32(SHUT_RDWR))
        thread.join()
        Glibc.close(socket)
    }

    /// Ends all open connections at once.
    package func closeConnections() {
        shared.use { for wire in $0.connections.values { wire.interrupt() } }
    }

    // MARK: What a test may ask

    /// All requests so far, in the order in which their heads arrived.
    package var requests: [OriginRequest] { shared.use { Array($0.requests.lazy.map(\.self)) } }

    package var violations: [String] { shared.use { Array($0.violations.lazy.map(\.self)) } }

    package var probes: Int { shared.use { $0.probes } }

    package var connectionsUsed: Int { shared.use { $0.connectionsUsed } }

    package var connectionsOpen: Int { shared.use { $0.connections.count } }

    /// Waits until `count` requests have arrived, bodies not necessarily.
    @discardableResult
    package func waitForRequests(_ count: Int) throws -> [OriginRequest] {
        _ = try shared.wait(for: "\(count) requests at \(name)") {
            $0.requests.count >= count ? true : nil
        }
        return requests
    }

    package func waitForProbes(_ count: Int) throws {
        try shared.wait(for: "\(count) probes at \(name)") { $0.probes >= count ? true : nil }
    }

    /// The only request there is, once its body was read.
    package func onlyRequest() throws -> OriginRequest {
        try shared.wait(for: "one request at \(name), whole") {
            guard let request = $0.requests.first, request.isComplete else { return nil }
            guard $0.requests.count == 1 else {
                throw TestFailure("\($0.requests.count) requests at \(self.name) instead of one")
            }
            return request
        }
    }
}
