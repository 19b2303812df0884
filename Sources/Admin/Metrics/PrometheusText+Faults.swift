import Proxy

/// What failed, what was short, and who was refused.
extension PrometheusText {
    func writeEjections(_ endpoints: [Statistics.Endpoint], to writer: inout MetricWriter) {
        var ejections = MetricFamily(
            .counter,
            "upstream_ejections_total",
            "Times that real traffic took an endpoint out, by what it counted."
        )
        var ejected = MetricFamily(
            .gauge,
            "upstream_ejected",
            "1 while an endpoint is out because of real traffic."
        )
        for endpoint in endpoints {
            let labels = [
                ("slot", endpoint.slot), ("service", endpoint.service),
                ("endpoint", endpoint.endpoint),
            ]
            for ejection in endpoint.ejections {
                ejections.add(labels + [("reason", ejection.reason)], ejection.count)
            }
            ejected.add(labels, endpoint.isEjected ? 1 : 0)
        }
        writer.write(ejections)
        writer.write(ejected)
    }

    func writeShortage(_ lanes: [Statistics.Lane], to writer: inout MetricWriter) {
        var unserved = MetricFamily(
            .counter,
            "upstream_unserved_total",
            "Requests answered with 503 because no endpoint of the service could be tried."
        )
        var lastResort = MetricFamily(
            .counter,
            "upstream_last_resort_total",
            "Attempts at an ejected or unhealthy endpoint, for want of another."
        )
        var waiting = MetricFamily(
            .gauge,
            "upstream_queue_waiting",
            "Requests that wait for a connection to an endpoint now."
        )
        var refused = MetricFamily(
            .counter,
            "upstream_queue_refused_total",
            "Requests answered with 503 because the queue was full, or they waited too long."
        )
        var retries = MetricFamily(
            .counter,
            "upstream_retries_total",
            "Attempts that followed a failed one in the same slot."
        )
        var budget = MetricFamily(
            .counter,
            "upstream_retries_refused_total",
            "Retries that retry_budget_percent did not allow."
        )
        for lane in lanes {
            guard let slot = lane.slot, let service = lane.service else { continue }
            let labels = [("slot", slot), ("service", service)]
            retries.add(labels, lane.retries)
            budget.add(labels, lane.retriesRefused)
            unserved.add(labels, lane.unserved)
            lastResort.add(labels, lane.lastResort)
            waiting.add(labels, lane.waiting)
            refused.add(labels + [("reason", "full")], lane.queueFull)
            refused.add(labels + [("reason", "timeout")], lane.queueTimeouts)
        }
        for family in [retries, budget, unserved, lastResort, waiting, refused] {
            writer.write(family)
        }
    }

    func writeRefusals(to writer: inout MetricWriter) {
        var refused = MetricFamily(
            .counter,
            "client_refusals_total",
            "What was refused to clients beyond their limit: requests (429) and connections."
        )
        let statistics = facts.statistics
        refused.add([("what", "request")], statistics.clientRequestsRefused)
        refused.add([("what", "connection")], statistics.clientConnectionsRefused)
        writer.write(refused)
        var pauses = MetricFamily(
            .counter,
            "downstream_accept_pauses_total",
            "Times that a worker let connections wait: at their limit, or without descriptors."
        )
        pauses.add([("reason", "limit")], statistics.acceptPausesAtLimit)
        pauses.add([("reason", "descriptors")], statistics.acceptPausesForDescriptors)
        writer.write(pauses)
        var heldBack = MetricFamily(
            .counter,
            "error_log_lines_held_back_total",
            "Lines of the error log beyond error_log.lines_per_second of their cause."
        )
        heldBack.add([], statistics.logLinesHeldBack)
        writer.write(heldBack)
    }
}
