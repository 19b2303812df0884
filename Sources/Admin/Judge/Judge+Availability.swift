import Proxy

extension Judge {
    /// The health checks of a service's endpoints in the longest window; nil where it has none.
    ///
    /// They are all the checks there were and no sample of any, so there are no bounds.
    func availability(of service: Int, _ look: Look) -> Finding? {
        let settings = config.services[service]
        let name = "availability"
        guard settings.healthCheck.probe != .none else {
            let reason = "the service has no health check"
            return .leftOut(
                Verdict.LeftOut(name: name, service: settings.name, route: nil, reason: reason)
            )
        }
        let endpoints = config.slots[slot.index].endpoints[service].map { endpoint in
            let key = Evidence.EndpointName(
                slot: slot,
                service: settings.name,
                endpoint: endpoint.authority
            )
            return (name: endpoint.authority, probes: look.evidence.probes[key] ?? .init())
        }
        let passed = endpoints.reduce(0) { $0 + $1.probes.passed }
        let failed = endpoints.reduce(0) { $0 + $1.probes.failed }
        let limit = config.thresholds(ofService: service).availabilityPercent / 100
        var check = Verdict.Check(name: name, state: .inconclusive, reason: "")
        check.service = settings.name
        check.sampleSize = passed + failed
        check.threshold = limit
        if passed + failed > 0 { check.value = Double(passed) / Double(passed + failed) }
        if let value = check.value, value < limit {
            check.state = .fail
            let worst = endpoints.max { $0.probes.failed < $1.probes.failed }
            check.reason =
                "\(failed) of \(passed + failed) health checks failed"
                + " (most of them at \(worst?.name ?? ""))"
        } else if let silent = endpoints.first(where: { $0.probes == .init() }) {
            check.reason = "\(silent.name) has not been probed in the window yet"
            check.secondsNeeded = settings.healthCheck.interval.inSeconds
        } else {
            check.state = .pass
            check.reason = "\(passed) of \(passed + failed) health checks passed"
        }
        return .check(check)
    }
}
