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
    /// Checks of a group that share the risk of a wrong `fail`.
    private static let checksOfGroup = 4

    /// What was seen in one window.
    struct Look {
        let evidence: Evidence
        /// Its part of the risk of a wrong `fail`.
        let share: Double
        let seconds: Double
    }

    let config: Config
    let slot: SlotID
    private let groups: [JudgeGroup]

    init(config: Config, slot: SlotID) {
        self.config = config
        self.slot = slot
        groups = JudgeGroup.all(of: config)
    }

    /// The word on what `ring` holds of the windows, of which the first is the longest.
    func verdict(
        _ ring: EvidenceRing,
        _ windows: [JudgeWindows.Window],
        at now: MonotonicTime
    ) -> Verdict {
        let seen = ring.evidence(since: windows.map(\.start))
        return verdict(
            zip(windows, seen).map { window, evidence in
                let seconds = Double((now - window.start).count) / 1e9
                return Look(evidence: evidence, share: window.share, seconds: seconds)
            }
        )
    }

    /// `looks` end now; the first is the longest, and the one that a pass goes by.
    func verdict(_ looks: [Look]) -> Verdict {
        var findings: [Finding] = []
        for service in config.services.indices {
            if let finding = availability(of: service, looks[0]) { findings.append(finding) }
            for group in groups where group.service == config.services[service].name {
                findings += self.findings(on: group, looks)
            }
        }
        return summary(of: findings, looks[0])
    }

    private func findings(on group: JudgeGroup, _ looks: [Look]) -> [Finding] {
        let risk = Self.failRisk / Double(Self.checksOfGroup * groups.count)
        let views = looks.map { GroupView($0, group: group, slot: slot, risk: risk * $0.share) }
        let bench = GroupJudge(
            group: group,
            views: views,
            minRequests: Double(config.judge.minRequests),
            windowSeconds: config.judge.window.inSeconds
        )
        return bench.findings
    }

    private func summary(of findings: [Finding], _ look: Look) -> Verdict {
        let checks = findings.compactMap(\.check)
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
        verdict.leftOut = findings.compactMap(\.leftOut)
        verdict.windowSeconds = look.seconds
        verdict.slots = [slot, slot.other].map { figures(of: $0, look.evidence) }
        verdict.sampleSize = verdict.slots[0].attempts
        verdict.failures = verdict.slots[0].failures
        verdict.abandoned = verdict.slots[0].abandoned
        let open = checks.filter { $0.state == .inconclusive }
        verdict.requestsNeeded = open.compactMap(\.requestsNeeded).max()
        // One check that nobody can foresee leaves the whole unforeseen.
        let waits = open.map(\.secondsNeeded)
        verdict.secondsNeeded = waits.contains(nil) ? nil : waits.compactMap(\.self).max()
        return verdict
    }

    /// What a slot did, and what users saw of it.
    private func figures(of slot: SlotID, _ evidence: Evidence) -> Verdict.SlotFigures {
        var figures = Verdict.SlotFigures(slot: config.slots[slot.index].name)
        for (name, route) in evidence.routes where name.slot == slot {
            figures.attempts += route.attempts
            figures.failures += route.failures
            figures.abandoned += route.abandoned
        }
        let outcomes = evidence.outcomes[slot] ?? Evidence.Outcomes()
        figures.answers = outcomes.answers
        figures.failedAnswers = outcomes.failures
        figures.rescued = outcomes.rescued
        return figures
    }
}

/// What came of one check: an answer, or the reason why it was not asked.
enum Finding {
    case check(Verdict.Check)
    case leftOut(Verdict.LeftOut)

    var check: Verdict.Check? {
        if case .check(let check) = self { check } else { nil }
    }

    var leftOut: Verdict.LeftOut? {
        if case .leftOut(let leftOut) = self { leftOut } else { nil }
    }
}

extension Duration {
    var inSeconds: Double { Double(Nanoseconds(self).count) / 1e9 }
}
