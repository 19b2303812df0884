import Proxy

extension ControlPlane {
    /// The state of everything, for the status.
    func report() -> StatusReport {
        StatusReport(
            config: server.config,
            routing: server.routing,
            facts: currentFacts,
            statistics: server.statistics(),
            listeners: server.listenerAddresses,
            started: started,
            now: .steady,
            isReady: unreadiness == nil,
            verdicts: SlotID.both.map(verdict),
            older: olderProcess
        )
    }

    /// What the metrics page tells.
    func metricFacts() -> PrometheusText.Facts {
        let config = server.config
        let facts = currentFacts
        var page = PrometheusText.Facts(
            routing: server.routing,
            slots: config.slots.map(\.name)
        )
        page.statistics = server.statistics()
        page.switches = facts.switches.map { SwitchCount(key: $0.key, count: $0.value) }
        page.verdicts = SlotID.both.map(verdict)
        page.configHash = facts.loaded.hash
        page.configLoaded = facts.loaded.time
        page.process = .read(started: started)
        page.rollouts.rollout = facts.rollout
        page.rollouts.ended = facts.rolloutsEnded
        page.rollouts.lostNotices = board.lostNoticeCount
        page.rollouts.leased = Set(
            page.slots.filter { facts.saved.lease(on: $0, at: .steady) != nil }
        )
        return page
    }

    /// The answer to a change.
    func changeJSON(_ result: Result) -> JSON {
        let routing = result.routing
        return [
            "changed": .bool(result.hasChanged),
            "generation": JSON(routing.generation),
            "active": .string(name(of: routing.active)),
            "previous": JSON(routing.previous.map { name(of: $0) }),
            "canary": routing.canary.map { weight in
                [
                    "slot": .string(name(of: routing.active.other)),
                    "percent": JSON(weight.percent),
                ]
            } ?? .null,
            "since": .string(result.activeSince),
        ]
    }
}
