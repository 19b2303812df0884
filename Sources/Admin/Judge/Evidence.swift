import Proxy

/// What was seen of both slots in one stretch of time.
struct Evidence: Equatable {
    /// One route of a service in a slot.
    struct Route: Equatable {
        var successes: UInt64 = 0
        var failures: UInt64 = 0
        /// Given up by the downstream: they count neither way.
        var abandoned: UInt64 = 0
        /// Times to the head of a response below 500.
        var times = LatencyHistogram()

        var attempts: UInt64 { successes + failures }
        var failureRate: RateSequence {
            RateSequence(hits: Double(failures), trials: Double(attempts))
        }
    }

    struct EndpointName: Hashable, Sendable {
        let slot: SlotID
        let service: String
        let endpoint: String
    }

    /// The health checks of one endpoint.
    struct Probes: Equatable {
        var passed: UInt64 = 0
        var failed: UInt64 = 0
    }

    var routes: [JudgedRoute.Identity: Route] = [:]
    var probes: [EndpointName: Probes] = [:]

    /// The routes of `service` in `slot`, by name; those without an attempt are not there.
    func routes(of service: String, in slot: SlotID) -> [String: Route] {
        var found: [String: Route] = [:]
        for (identity, route) in routes where identity.slot == slot && identity.service == service {
            found[identity.route] = route
        }
        return found
    }
}

/// What the data plane had counted at one moment; counters only grow.
struct EvidenceTotals {
    var routes: [JudgedRoute.Identity: AttemptTotals] = [:]
    var probes: [Evidence.EndpointName: Evidence.Probes] = [:]
}

extension EvidenceTotals {
    /// Reads the counters of now.
    init(of server: ProxyServer) {
        for route in server.judgedRoutes { routes[route.identity] = route.totals }
        let config = server.config
        for endpoint in server.statistics().endpoints {
            guard let slot = config.slot(named: endpoint.slot) else { continue }
            let name = Evidence.EndpointName(
                slot: slot,
                service: endpoint.service,
                endpoint: endpoint.endpoint
            )
            probes[name] = Evidence.Probes(
                passed: endpoint.probesPassed,
                failed: endpoint.probesFailed
            )
        }
    }
}
