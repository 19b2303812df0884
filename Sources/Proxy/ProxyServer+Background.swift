/// The data plane's threads that serve no request: health checks and name resolution.
final class Background: Sendable {
    private let monitor: HealthMonitor
    private let resolver: Resolver
    private let server: ServerReference

    init() throws(SystemError) {
        let server = ServerReference()
        self.server = server
        monitor = try HealthMonitor { endpoint, health, reason in
            Self.report(endpoint, health, reason)
            server.current?.serveWhenProbed()
        }
        resolver = try Resolver { found in server.current?.note(found) }
    }

    private static func report(_ endpoint: Endpoint, _ health: Health, _ reason: String?) {
        let verdict = health == .healthy ? "healthy" : "unhealthy: \(reason ?? "")"
        let name = endpoint.identity
        LogWriter.report(
            "endpoint \(name.authority) of \(name.service) is \(verdict)",
            health == .healthy ? .info : .error
        )
    }

    func start(serving server: ProxyServer) {
        self.server.set(server)
        monitor.start()
        resolver.start()
    }

    /// Probes and resolves what `config` names from now on.
    ///
    /// Before the first answer of the resolver a name is not yet known to be wrong.
    func watch(_ config: Config, _ snapshot: RoutingSnapshot, hasResolved: Bool) {
        var names: Set<String> = []
        for slot in config.slots {
            for endpoint in slot.endpoints.joined() {
                if case .name(let host, _) = endpoint.target { names.insert(host) }
            }
        }
        resolver.watch(names, every: config.upstream.resolveInterval)
        monitor.watch(
            snapshot.lanes.enumerated().flatMap { place, lane in
                let check = config.services[place / 2].healthCheck
                return lane.members.compactMap { member -> HealthMonitor.Subject? in
                    guard member.address != nil || hasResolved else { return nil }
                    return HealthMonitor.Subject(
                        endpoint: member.endpoint,
                        authority: member.endpoint.identity.authority,
                        address: member.address,
                        check: check
                    )
                }
            }
        )
    }

    func stop() {
        server.set(nil)
        resolver.stop()
        monitor.stop()
    }
}

/// The server that the background threads report to; nil before its start and after its end.
private final class ServerReference: Sendable {
    private let reference = Lock<ProxyServer?>(nil)

    var current: ProxyServer? { reference.withLock { $0 } }

    func set(_ server: ProxyServer?) { reference.withLock { $0 = server } }
}
