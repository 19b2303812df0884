import Proxy

/// One rollout from its start to its end: which state it is in, and which event leads where.
///
/// It decides and touches nothing: time, verdicts and health come in as events, changes of traffic
/// go out as actions. The picture is in `docs/rollout.md`. Step `plan.steps.count` stands for the
/// promotion wherever a step is named.
///
/// Invariant: the routing is what `state` implies; both are saved in one write.
package struct Rollout: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Synthetic requests go to the candidate, which no user reaches yet.
        case probing
        /// A person has to approve the step; the one before it holds.
        case approving(Int)
        /// Gates are asked before the step; the one before it holds.
        case gating(Int)
        /// The step has its share of the traffic.
        case running(Int)
        /// A window at the step was bad: the floor, until a window passes.
        case derated(Int)
        /// The candidate is active; the stable slot keeps the hold-back share.
        case baking
        /// It is over, but the stable slot is too ill to take the traffic back.
        case stranded(Outcome)
        case ended(Outcome)
    }

    package enum Outcome: String, Sendable, CaseIterable {
        case promoted, aborted, inconclusive
        case rolledBack = "rolled_back"
    }

    package enum Event: Sendable, Equatable {
        case tick
        /// It has been judged for longer than the plan allows.
        case deadline
        case probed(Finding)
        case gate(step: Int, Finding)
        case judged(Judgement)
        /// So many more failures reached users.
        case userFailures(UInt64)
        /// Whether the slot that would take the traffic back could.
        case stableHealth(Bool)
        /// `full` goes to the promotion at once.
        case promote(full: Bool)
        case pause
        case resume
        case abort(reason: String)
        /// A person changed the traffic and with it ended the rollout.
        case overruled(reason: String)
    }

    /// What a probe or a gate found.
    package enum Finding: Sendable, Equatable {
        case passed
        case failed(String)
    }

    /// What the judge says of the candidate since the last change of traffic.
    package struct Judgement: Sendable, Equatable {
        package var verdict: Verdict.State
        /// Requests that the candidate has had since then.
        package var requests: UInt64
        /// The figures in a sentence.
        package var reason: String

        package init(_ verdict: Verdict.State, requests: UInt64, reason: String) {
            self.verdict = verdict
            self.requests = requests
            self.reason = reason
        }
    }

    package enum Action: Sendable, Equatable {
        case change(TrafficChange)
        /// What was counted before is no evidence of what comes.
        case beginWindow
    }

    /// Grows by one with every rollout.
    package let number: UInt64
    package let candidate: SlotID
    package let plan: Config.Rollout
    package let beginning: Beginning
    package internal(set) var state = State.probing
    /// The share of live traffic that the candidate has.
    package internal(set) var weight = Weight.none
    /// Holds where it is; the judge goes on.
    package internal(set) var isPaused = false
    /// Why it is in this state, for people.
    package internal(set) var reason: String
    /// Steps up to this one need no person any more.
    var approvedStep = -1
    /// Steps up to this one need no gate any more.
    var openedStep = -1
    package internal(set) var badWindows = 0
    package internal(set) var userFailures: UInt64 = 0
    /// The candidate has been made the active slot.
    package internal(set) var hasSwitched = false
    var isStableHealthy = true
    /// The deadline has passed and the plan says to hold.
    package internal(set) var isOverdue = false
    /// Since the start, without the time in which the program did not run.
    package internal(set) var elapsed = Duration.zero
    /// When the state began, in the same time.
    package internal(set) var stateBegan = Duration.zero
    /// Time that counts towards the deadline: nobody waited for a person.
    var judgedTime = Duration.zero

    package init(
        number: UInt64,
        candidate: SlotID,
        plan: Config.Rollout,
        beginning: Beginning,
        reason: String
    ) {
        self.number = number
        self.candidate = candidate
        self.plan = plan
        self.beginning = beginning
        self.reason = reason
    }

    package var isOver: Bool {
        if case .ended = state { true } else { false }
    }
}
