import Proxy

/// The rollout as it is kept over a restart, and as it is told.
extension Rollout {
    /// Who began it and when; what changes during it stands in `Rollout`.
    package struct Beginning: Sendable, Equatable {
        package var actor: String
        package var reason: String?
        /// RFC 3339 in UTC.
        package var time: String

        package init(actor: String, reason: String?, time: String) {
            self.actor = actor
            self.reason = reason
            self.time = time
        }
    }

    /// All of it, without the plan: `slots` are their names.
    func json(slots: [String]) -> JSON {
        [
            "number": JSON(number),
            "candidate": .string(slots[candidate.index]),
            "stable": .string(slots[candidate.other.index]),
            "state": .string(state.word),
            "step": state.step.map { JSON($0) } ?? .null,
            "steps": JSON(plan.steps.count),
            "outcome": JSON(state.outcome?.rawValue),
            "percent": JSON(weight.percent),
            "paused": .bool(isPaused),
            "overdue": .bool(isOverdue),
            "bad_windows": JSON(badWindows),
            "user_failures": JSON(userFailures),
            "switched": .bool(hasSwitched),
            "stable_healthy": .bool(isStableHealthy),
            "reason": .string(reason),
            "actor": .string(beginning.actor),
            "actor_reason": JSON(beginning.reason),
            "started": .string(beginning.time),
            "elapsed_ms": JSON(elapsed.milliseconds),
            "state_elapsed_ms": JSON((elapsed - stateBegan).milliseconds),
            "judged_ms": JSON(judgedTime.milliseconds),
            "approved_step": JSON(approvedStep),
            "opened_step": JSON(openedStep),
        ]
    }

    /// The text for the state file.
    func savedJSON(slots: [String]) -> JSON { json(slots: slots).adding("plan", plan.json) }

    /// Reads what `savedJSON` wrote; nil for anything else.
    ///
    /// The state begins anew, for what was counted before a restart is gone.
    init?(_ json: JSON, slots: [String]) {
        guard let number = json["number"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let candidate = json["candidate"]?.string.flatMap({ slots.firstIndex(of: $0) }),
            let planJSON = json["plan"],
            let plan = Config.Rollout(saved: planJSON),
            let state = State(json, steps: plan.steps.count),
            let weight = json["percent"]?.double.flatMap({ Weight(percent: $0) }),
            let isPaused = json["paused"]?.bool,
            let isOverdue = json["overdue"]?.bool,
            let hasSwitched = json["switched"]?.bool,
            let badWindows = json["bad_windows"]?.integer,
            let failures = json["user_failures"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let elapsed = json["elapsed_ms"]?.integer,
            let judged = json["judged_ms"]?.integer,
            let approvedStep = json["approved_step"]?.integer,
            let openedStep = json["opened_step"]?.integer,
            let actor = json["actor"]?.string,
            let time = json["started"]?.string,
            let reason = json["reason"]?.string
        else { return nil }
        self.init(
            number: number,
            candidate: SlotID(candidate),
            plan: plan,
            beginning: Beginning(actor: actor, reason: json["actor_reason"]?.string, time: time),
            reason: reason
        )
        self.state = state
        self.weight = weight
        self.isPaused = isPaused
        self.isOverdue = isOverdue
        self.hasSwitched = hasSwitched
        self.badWindows = badWindows
        userFailures = failures
        self.elapsed = .milliseconds(elapsed)
        stateBegan = self.elapsed
        judgedTime = .milliseconds(judged)
        self.approvedStep = approvedStep
        self.openedStep = openedStep
    }
}

extension Rollout.State {
    /// As it is written and shown.
    package var word: String {
        switch self {
        case .probing: "probing"
        case .approving: "approving"
        case .gating: "gating"
        case .running: "running"
        case .derated: "derated"
        case .baking: "baking"
        case .stranded: "stranded"
        case .ended: "ended"
        }
    }

    static let words = [
        "probing", "approving", "gating", "running", "derated", "baking", "stranded", "ended",
    ]

    /// Counted from 0; nil where no step is meant.
    package var step: Int? {
        switch self {
        case .approving(let step), .gating(let step), .running(let step), .derated(let step): step
        case .probing, .baking, .stranded, .ended: nil
        }
    }

    package var outcome: Rollout.Outcome? {
        switch self {
        case .stranded(let outcome), .ended(let outcome): outcome
        case .probing, .approving, .gating, .running, .derated, .baking: nil
        }
    }

    fileprivate init?(_ json: JSON, steps: Int) {
        let outcome = json["outcome"]?.string.flatMap(Rollout.Outcome.init)
        let step = json["step"]?.integer
        let hasShare = step.map { (0..<steps).contains($0) } ?? false
        let isAhead = step.map { (0...steps).contains($0) } ?? false
        switch (json["state"]?.string, step, outcome) {
        case ("probing", nil, nil): self = .probing
        case ("approving", let step?, nil) where isAhead: self = .approving(step)
        case ("gating", let step?, nil) where isAhead: self = .gating(step)
        case ("running", let step?, nil) where hasShare: self = .running(step)
        case ("derated", let step?, nil) where hasShare: self = .derated(step)
        case ("baking", nil, nil): self = .baking
        case ("stranded", nil, let outcome?): self = .stranded(outcome)
        case ("ended", nil, let outcome?): self = .ended(outcome)
        default: return nil
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
