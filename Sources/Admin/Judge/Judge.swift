import Proxy

/// Turns evidence into a verdict: a pure function of figures, windows and thresholds.
struct Judge {
    /// The chance of a wrong `fail` from one fresh start on, over all checks and looks together: a
    /// rollout of four steps and a watch afterwards stays below 1 %.
    static let failRisk = 0.002
    /// The chance that a check passes by luck at its very threshold, in one window.
    ///
    /// All checks have to pass, so it is not divided among them.
    static let passRisk = 0.05

    let config: Config
    let slot: SlotID
    let groups: [JudgeGroup]

    init(config: Config, slot: SlotID) {
        self.config = config
        self.slot = slot
        groups = JudgeGroup.all(of: config)
    }

    /// Checks that share the risk of a wrong `fail`: four of each group.
    var failRiskOfCheck: Double { Self.failRisk / Double(max(1, 4 * groups.count)) }

    func verdict(
        _ ring: EvidenceRing,
        _ windows: [JudgeWindows.Window],
        at now: MonotonicTime
    ) -> Verdict {
        let looks = zip(windows, ring.evidence(since: windows.map(\.start))).map { window, seen in
            Look(
                evidence: seen,
                share: window.share,
                seconds: Double((now - window.start).count) / 1e9
            )
        }
        return verdict(looks)
    }

    /// What was seen in one window.
    struct Look {
        let evidence: Evidence
        /// Its part of the risk of a wrong `fail`.
        let share: Double
        let seconds: Double
    }

    /// `looks` end now; the first is the longest, and the one that a pass goes by.
    func verdict(_ looks: [Look]) -> Verdict {
        let checks = groups.flatMap { self.checks(of: $0, looks) }
        let states = Set(checks.map(\.state))
        let state: Verdict.State =
            if states.contains(.fail) {
                .fail
            } else if states.contains(.inconclusive) || checks.isEmpty {
                .inconclusive
            } else {
                .pass
            }
        var verdict = Verdict(slot: config.slots[slot.index].name, state: state, checks: checks)
        let routes = looks.first?.evidence.routes.filter { $0.key.slot == slot } ?? [:]
        verdict.sampleSize = routes.values.reduce(0) { $0 + $1.attempts }
        verdict.requestsNeeded = checks.compactMap(\.requestsNeeded).max()
        return verdict
    }

    private func checks(of group: JudgeGroup, _ looks: [Look]) -> [Verdict.Check] {
        [errorRate(group, looks)]
    }
}

/// Routes of one service that are judged together, and by what.
struct JudgeGroup {
    let service: String
    /// nil for all routes of the service but those with thresholds of their own.
    let route: String?
    let routes: [String]
    let thresholds: Config.JudgeThresholds

    static func all(of config: Config) -> [JudgeGroup] {
        config.services.enumerated().flatMap { place, service -> [JudgeGroup] in
            let names = config.judgedRoutes.filter { $0.service == place }.map(\.name)
            guard !names.isEmpty else { return [] }
            return [
                JudgeGroup(
                    service: service.name,
                    route: nil,
                    routes: names,
                    thresholds: config.judge.thresholds
                )
            ]
        }
    }

    /// What was seen of the group in `slot`.
    func sum(_ evidence: Evidence, in slot: SlotID) -> Evidence.Route {
        var sum = Evidence.Route()
        let all = evidence.routes(of: service, in: slot)
        for route in routes.compactMap({ all[$0] }) {
            sum.successes += route.successes
            sum.failures += route.failures
            sum.abandoned += route.abandoned
            sum.times.add(route.times)
        }
        return sum
    }
}
