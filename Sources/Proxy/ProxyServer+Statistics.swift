extension RoutingSnapshot {
    /// Whether every endpoint has had its first probe.
    var isProbed: Bool {
        lanes.allSatisfy { lane in lane.members.allSatisfy { $0.endpoint.health != .unknown } }
    }
}

extension ProxyServer.Control {
    /// Sums up what all workers have counted.
    func statistics(_ connections: [ConnectionCounters]) -> Statistics {
        var sum = Statistics()
        sum.bucketsSeconds = config.metrics.bucketsSeconds
        sum.downstreamActive = connections.reduce(0) { $0 + $1.activeCount }
        let open = connections.reduce(0) { $0 + $1.openCount }
        sum.downstreamIdle = max(0, open - sum.downstreamActive)
        sum.downstreamAccepted = connections.reduce(0) { $0 + $1.acceptedCount }
        sum.clientConnectionsRefused = connections.reduce(0) { $0 + $1.refusedConnections }
        sum.clientRequestsRefused = connections.reduce(0) { $0 + $1.refusedRequests }
        sum.acceptPausesAtLimit = connections.reduce(0) { $0 + $1.pauseCountAtLimit }
        sum.acceptPausesForDescriptors = connections.reduce(0) { $0 + $1.pauseCountForDescriptors }
        sum.logLinesHeldBack = connections.reduce(0) { $0 + $1.linesHeldBack }
        sum.lanes = lanes
        sum.endpoints = snapshot.lanes.flatMap { lane in
            lane.members.map { statistics(of: $0, in: lane) }
        }
        return sum
    }

    private var lanes: [Statistics.Lane] {
        registry.allCounters.map { slot, service, counters in
            var lane = Statistics.Lane()
            lane.slot = slot.map { config.slots[$0.index].name }
            lane.service = service
            for worker in counters { worker.add(to: &lane) }
            return lane
        }
        .sorted { ($0.service ?? "", $0.slot ?? "") < ($1.service ?? "", $1.slot ?? "") }
    }

    private func statistics(
        of member: RoutingSnapshot.Member,
        in lane: RoutingSnapshot.Lane
    ) -> Statistics.Endpoint {
        let endpoint = member.endpoint
        let counters = endpoint.counters
        let idle = counters.reduce(0) { $0 + $1.idleCount }
        let open = counters.reduce(0) { $0 + $1.openCount }
        return Statistics.Endpoint(
            slot: config.slots[lane.slot.index].name,
            service: lane.service,
            endpoint: endpoint.identity.authority,
            address: member.address.map { "\($0)" },
            health: endpoint.health,
            reason: endpoint.reason,
            weight: Int(member.weight),
            probesPassed: endpoint.probesPassed,
            probesFailed: endpoint.probesFailed,
            attempts: AttemptOutcome.allCases.compactMap { outcome in
                let count = counters.reduce(0) { $0 + $1.attempts(outcome) }
                return count > 0 ? (outcome.name, count) : nil
            },
            inFlight: counters.reduce(0) { $0 + $1.inFlightCount },
            idleConnections: idle,
            activeConnections: max(0, open - idle),
            isEjected: endpoint.isEjected,
            ejectedForSeconds: endpoint.isEjected
                ? Double(endpoint.ejection.timeLeft(now: .now()).count) / 1e9 : 0,
            ejections: EjectionCause.allCases.map { ($0.name, endpoint.ejection.count($0)) }
        )
    }
}
