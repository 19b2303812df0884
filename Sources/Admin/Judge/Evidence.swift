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

    /// What users saw of one slot, whoever was asked before: it judges nobody.
    struct Outcomes: Equatable, Sendable {
        /// Answers that this slot gave.
        var answers: UInt64 = 0
        /// Those with a status from 500.
        var failures: UInt64 = 0
        /// Requests meant for this slot that the other one has answered.
        var rescued: UInt64 = 0
    }

    var routes: [JudgedRoute.Identity: Route] = [:]
    var probes: [EndpointName: Probes] = [:]
    var outcomes: [SlotID: Outcomes] = [:]

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
    var outcomes: [SlotID: Evidence.Outcomes] = [:]
}

extension EvidenceTotals {
    /// Reads the counters of now.
    init(of server: ProxyServer) {
        for route in server.judgedRoutes { routes[route.identity] = route.totals }
        let config = server.config
        let statistics = server.statistics()
        note(statistics.lanes, config)
        for endpoint in statistics.endpoints {
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

    /// Sums up what users saw of each slot, over all services.
    mutating func note(_ lanes: [Statistics.Lane], _ config: Config) {
        for lane in lanes {
            guard let slot = lane.slot.flatMap({ config.slot(named: $0) }) else { continue }
            for answer in lane.requests {
                outcomes[slot, default: .init()].answers += answer.count
                guard answer.status >= 500 else { continue }
                outcomes[slot, default: .init()].failures += answer.count
            }
            // Counted where the answer came from.
            let rescues = lane.rescued.values.reduce(0, +)
            outcomes[slot.other, default: .init()].rescued += rescues
        }
    }
}
