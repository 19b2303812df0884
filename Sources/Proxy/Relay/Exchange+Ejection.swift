extension Exchange {
    /// Counts a failed attempt against its endpoint, and tells the log when that takes it out.
    func noteFailure(_ outcome: AttemptOutcome, at place: Int, isEvidence: Bool = true) {
        guard let lane else { return }
        lending(routing.lanes[lane]) { lane in
            guard isEvidence else { return lane.pools[place].endpoint.ejection.forgive() }
            guard let ejected = lane.attemptFailed(outcome, at: place, now: bench.now) else {
                return
            }
            bench.report(ejected, after: outcome)
        }
    }
}

extension Workbench {
    /// One line for the operator; ejections are rare, so it may allocate.
    fileprivate func report(_ ejected: Lane.Ejected, after outcome: AttemptOutcome) {
        let name = ejected.endpoint.identity
        let text =
            "switchyard: endpoint \(name.authority) of \(name.service) is ejected for "
            + "\(ejected.time.count / 1_000_000) ms: \(ejected.cause.name), last \(outcome.name)\n"
        line.removeAll()
        line.append(Array(text.utf8))
        log.write(.error, line)
    }
}
