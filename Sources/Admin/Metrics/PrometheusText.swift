import Proxy

/// The metrics page: a pure function from what was counted to text.
package struct PrometheusText {
    /// All that the page tells.
    package struct Facts: Sendable {
        package var statistics = Statistics()
        package var routing: RoutingState
        /// By place, as in the configuration.
        package var slots: [String]
        package var switches: [SwitchCount] = []
        /// Of each slot.
        package var verdicts: [Verdict] = []
        package var configHash = ""
        package var configLoaded = Timestamp(seconds: 0)
        package var process = ProcessFacts()
        package var rollouts = RolloutFacts()

        package init(routing: RoutingState, slots: [String]) {
            self.routing = routing
            self.slots = slots
        }
    }

    let facts: Facts
    private let format: ExpositionFormat

    package init(_ facts: Facts, format: ExpositionFormat) {
        self.facts = facts
        self.format = format
    }

    /// Everything.
    package func page() -> String {
        var writer = MetricWriter(format: format)
        writeLanes(facts.statistics.lanes, to: &writer)
        writeOtherWays(facts.statistics.lanes, to: &writer)
        writeEndpoints(facts.statistics.endpoints, to: &writer)
        writeShortage(facts.statistics.lanes, to: &writer)
        writeTraffic(slots: facts.slots, to: &writer)
        writeSwitches(to: &writer)
        writeRollouts(facts.rollouts, slots: facts.slots, to: &writer)
        writeVerdicts(facts.verdicts, to: &writer)
        writeDownstream(to: &writer)
        writeRefusals(to: &writer)
        writeConfig(to: &writer)
        writeProcess(to: &writer)
        return writer.page()
    }

    /// The series of one slot, or of one of its services.
    package func page(slot: String, service: String?) -> String {
        func isWanted(_ name: String?) -> Bool { service == nil || service == name }
        var writer = MetricWriter(format: format)
        let lanes = facts.statistics.lanes.filter { $0.slot == slot && isWanted($0.service) }
        writeLanes(lanes, to: &writer)
        writeOtherWays(lanes, to: &writer)
        writeEndpoints(
            facts.statistics.endpoints.filter { $0.slot == slot && isWanted($0.service) },
            to: &writer
        )
        writeShortage(
            facts.statistics.lanes.filter { $0.slot == slot && isWanted($0.service) },
            to: &writer
        )
        writeTraffic(slots: [slot], to: &writer)
        writeVerdicts(
            facts.verdicts.filter { $0.slot == slot }.map { verdict in
                var verdict = verdict
                verdict.checks.removeAll { !isWanted($0.service) }
                return verdict
            },
            to: &writer
        )
        return writer.page()
    }
}

// MARK: What was proxied

extension PrometheusText {
    private func writeLanes(_ lanes: [Statistics.Lane], to writer: inout MetricWriter) {
        var requests = MetricFamily(
            .counter,
            "http_requests_total",
            "Requests answered, by what the downstream saw."
        )
        var durations = MetricFamily(
            .histogram,
            "http_request_duration_seconds",
            "Time from the end of the request head to the end of the response."
        )
        var inFlight = MetricFamily(
            .gauge,
            "http_requests_in_flight",
            "Requests that are being answered now."
        )
        var requestBytes = MetricFamily(
            .counter,
            "http_request_bytes_total",
            "Bytes received from downstream, heads included."
        )
        var responseBytes = MetricFamily(
            .counter,
            "http_response_bytes_total",
            "Bytes sent downstream, heads included."
        )
        var connects = MetricFamily(
            .histogram,
            "upstream_connect_duration_seconds",
            "Time to connect to an endpoint."
        )
        let bounds = facts.statistics.bucketsSeconds
        for lane in lanes {
            // Empty for requests that were refused before they had a route.
            let labels = [("slot", lane.slot ?? ""), ("service", lane.service ?? "")]
            for request in lane.requests {
                let more = [("method", request.method), ("status", String(request.status))]
                requests.add(labels + more, request.count)
            }
            durations.addDurations(of: lane, labels, bounds: bounds)
            inFlight.add(labels, lane.inFlight)
            requestBytes.add(labels, lane.requestBytes)
            responseBytes.add(labels, lane.responseBytes)
            guard lane.slot != nil else { continue }
            connects.add(
                labels,
                bounds: bounds,
                counts: lane.connectBuckets,
                sum: lane.connectSumSeconds
            )
        }
        for family in [requests, durations, inFlight, requestBytes, responseBytes, connects] {
            writer.write(family)
        }
    }

    /// Requests that came to a slot by another way than the split.
    private func writeOtherWays(_ lanes: [Statistics.Lane], to writer: inout MetricWriter) {
        var rescued = MetricFamily(
            .counter,
            "http_requests_rescued_total",
            "Requests that this slot answered because the other one could not, by why it could not."
        )
        var ruled = MetricFamily(
            .counter,
            "http_requests_by_rule_total",
            "Requests that a rule of the canary put on this slot."
        )
        for lane in lanes where lane.slot != nil {
            let labels = [("slot", lane.slot ?? ""), ("service", lane.service ?? "")]
            for (reason, count) in lane.rescued.sorted(by: { $0.key < $1.key }) {
                rescued.add(labels + [("reason", reason)], count)
            }
            ruled.add(labels, lane.ruled)
        }
        for family in [rescued, ruled] { writer.write(family) }
    }

    private func writeEndpoints(
        _ endpoints: [Statistics.Endpoint],
        to writer: inout MetricWriter
    ) {
        var attempts = MetricFamily(
            .counter,
            "upstream_attempts_total",
            "Attempts at an endpoint, by how they ended; a request may need several."
        )
        var connections = MetricFamily(
            .gauge,
            "upstream_connections",
            "Open connections to an endpoint, with an exchange (active) and without (idle)."
        )
        var healthy = MetricFamily(
            .gauge,
            "upstream_healthy",
            "Whether the health check passes; 0 also before the first probe has ended."
        )
        for endpoint in endpoints {
            let labels = [
                ("slot", endpoint.slot), ("service", endpoint.service),
                ("endpoint", endpoint.endpoint),
            ]
            for attempt in endpoint.attempts {
                attempts.add(labels + [("outcome", attempt.outcome)], attempt.count)
            }
            connections.add(labels + [("state", "active")], endpoint.activeConnections)
            connections.add(labels + [("state", "idle")], endpoint.idleConnections)
            healthy.add(labels, endpoint.health == .healthy ? 1 : 0)
        }
        for family in [attempts, connections, healthy] { writer.write(family) }
        writeEjections(endpoints, to: &writer)
    }

    private func writeDownstream(to writer: inout MetricWriter) {
        let statistics = facts.statistics
        var connections = MetricFamily(
            .gauge,
            "downstream_connections",
            "Open connections from downstream, with an exchange (active) and without (idle)."
        )
        connections.add([("state", "active")], statistics.downstreamActive)
        connections.add([("state", "idle")], statistics.downstreamIdle)
        writer.write(connections)

        var accepted = MetricFamily(
            .counter,
            "downstream_connections_accepted_total",
            "Connections accepted from downstream."
        )
        accepted.add([], statistics.downstreamAccepted)
        writer.write(accepted)

        var dropped = MetricFamily(
            .counter,
            "access_log_lines_dropped_total",
            "Access log lines dropped because the log could not be written fast enough."
        )
        dropped.add([], statistics.logLinesDropped)
        writer.write(dropped)
    }
}

// MARK: Where the traffic goes

extension PrometheusText {
    private func writeTraffic(slots: [String], to writer: inout MetricWriter) {
        var active = MetricFamily(
            .gauge,
            "active_slot",
            "1 for the slot that takes all live traffic, less the canary's share."
        )
        var weight = MetricFamily(
            .gauge,
            "slot_weight",
            "Configured share of live traffic, as a ratio from 0 to 1."
        )
        for slot in slots {
            guard let place = facts.slots.firstIndex(of: slot) else { continue }
            active.add([("slot", slot)], facts.routing.active.index == place ? 1 : 0)
            let share = facts.routing.weight(of: SlotID(place))
            weight.add([("slot", slot)], number: share.percent / 100)
        }
        writer.write(active)
        writer.write(weight)
    }

    private func writeSwitches(to writer: inout MetricWriter) {
        var switches = MetricFamily(
            .counter,
            "slot_switches_total",
            "Switches and rollbacks of all live traffic since the start."
        )
        for from in facts.slots {
            for to in facts.slots where to != from {
                for reason in [HistoryEntry.Action.switch, .rollback].map(\.rawValue) {
                    let key = SwitchCount.Key(from: from, to: to, reason: reason)
                    let count = facts.switches.first { $0.key == key }?.count ?? 0
                    switches.add([("from", from), ("to", to), ("reason", reason)], count)
                }
            }
        }
        writer.write(switches)

        var generation = MetricFamily(
            .gauge,
            "slot_generation",
            "Grows by one with every switch, rollback and canary change."
        )
        generation.add([], facts.routing.generation)
        writer.write(generation)
    }
}

// MARK: The program

extension PrometheusText {
    private func writeConfig(to writer: inout MetricWriter) {
        var loaded = MetricFamily(
            .gauge,
            "config_reload_success_timestamp_seconds",
            "When the configuration that runs was loaded."
        )
        loaded.add([], number: facts.configLoaded.secondsSince1970)
        writer.write(loaded)

        var hash = MetricFamily(.info, "config_hash_info", "The configuration that runs.")
        hash.add([("hash", facts.configHash)], 1)
        writer.write(hash)

        var build = MetricFamily(.info, "switchyard_build_info", "The program's version.")
        build.add([("version", Version.text)], 1)
        writer.write(build)
    }

    private func writeProcess(to writer: inout MetricWriter) {
        let process = facts.process
        var cpu = MetricFamily(.counter, "process_cpu_seconds_total", "User and system time used.")
        cpu.add([], number: process.cpuSeconds)
        writer.write(cpu)

        let gauges: [(name: String, help: String, value: Int)] = [
            ("process_resident_memory_bytes", "Memory in RAM.", process.residentBytes),
            ("process_virtual_memory_bytes", "Address space in use.", process.virtualBytes),
            ("process_open_fds", "Open file descriptors.", process.openDescriptors),
            ("process_max_fds", "Most file descriptors allowed.", process.descriptorLimit),
            ("process_threads", "Threads.", process.threads),
        ]
        for gauge in gauges {
            var family = MetricFamily(.gauge, gauge.name, gauge.help)
            family.add([], gauge.value)
            writer.write(family)
        }
        var start = MetricFamily(
            .gauge,
            "process_start_time_seconds",
            "When the process started, in seconds since 1970."
        )
        start.add([], number: process.startSeconds)
        writer.write(start)
    }
}

extension RoutingState {
    /// The configured share of `slot`.
    package func weight(of slot: SlotID) -> Weight {
        let canary = canary ?? .none
        return slot == active
            ? Weight(basisPoints: Weight.wholeBasisPoints - canary.basisPoints) : canary
    }
}

extension MetricFamily {
    fileprivate mutating func addDurations(
        of lane: Statistics.Lane,
        _ labels: [(String, String)],
        bounds: [Double]
    ) {
        add(
            labels,
            bounds: bounds,
            counts: lane.durationBuckets,
            sum: lane.durationSumSeconds,
            exemplars: lane.exemplars
        )
    }
}
