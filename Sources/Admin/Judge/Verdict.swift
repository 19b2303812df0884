/// The judge's word on a slot, with every figure that led to it.
package struct Verdict: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case pass, fail, inconclusive
    }

    /// One question that was asked of the figures, and its answer.
    package struct Check: Sendable, Equatable {
        /// Such as `availability`, `error_rate` or `error_rate_ratio`.
        package var name: String
        /// nil where the check is about the whole slot.
        package var service: String?
        /// nil where the check is about all routes of the service.
        package var route: String?
        package var state: State
        /// The point estimate, a fraction or seconds; nil without data.
        package var value: Double?
        package var sampleSize: UInt64 = 0
        /// The interval that decides, in the unit of `value`.
        package var lowerBound: Double?
        package var upperBound: Double?
        package var threshold: Double?
        /// The other slot, where the check compares; the threshold is then made from its value.
        package var baseline: Baseline?
        /// Requests that are still missing until the check can be decided; nil when it is, or when
        /// nobody can say.
        package var requestsNeeded: UInt64?
        /// About how long that takes at the present rate.
        package var secondsNeeded: Double?
        /// One sentence for a person.
        package var reason: String

        package init(name: String, state: State, reason: String) {
            self.name = name
            self.state = state
            self.reason = reason
        }
    }

    /// The other slot's figures of a check, in the judged slot's mix of routes.
    package struct Baseline: Sendable, Equatable {
        package var value: Double?
        package var sampleSize: UInt64
        package var lowerBound: Double?
        package var upperBound: Double?
    }

    /// A question that was not asked, and why.
    package struct LeftOut: Sendable, Equatable {
        package var name: String
        package var service: String
        package var route: String?
        package var reason: String
    }

    /// What one slot did in the window, and what users saw of it.
    package struct SlotFigures: Sendable, Equatable {
        package var slot: String
        /// Attempts, all services and judged routes together: what the slot did.
        package var attempts: UInt64 = 0
        /// Those of them that failed.
        package var failures: UInt64 = 0
        /// Attempts beside them that the downstream gave up; they count neither way.
        package var abandoned: UInt64 = 0
        /// Outcomes: answers that users got from it, on all routes.
        package var answers: UInt64 = 0
        /// Those of them with a status from 500.
        package var failedAnswers: UInt64 = 0
        /// Its requests that the other slot has answered.
        package var rescued: UInt64 = 0

        package init(slot: String) { self.slot = slot }
    }

    /// The name of the slot that is judged.
    package var slot: String
    package var state: State
    package var checks: [Check]
    package var leftOut: [LeftOut] = []
    /// How far the longest window reaches back.
    package var windowSeconds = 0.0
    /// Attempts in the window, all services and judged routes together.
    package var sampleSize: UInt64 = 0
    /// Those of them that failed.
    package var failures: UInt64 = 0
    /// Attempts beside them that the downstream gave up; they count neither way.
    package var abandoned: UInt64 = 0
    /// Both slots, the judged one first; attempts judge it, outcomes stand beside them.
    package var slots: [SlotFigures] = []
    /// The largest number of requests that a check still lacks; nil when none does.
    package var requestsNeeded: UInt64?
    /// About how long that takes at the present rate; nil without traffic.
    package var secondsNeeded: Double?

    package init(slot: String, state: State, checks: [Check]) {
        self.slot = slot
        self.state = state
        self.checks = checks
    }
}
