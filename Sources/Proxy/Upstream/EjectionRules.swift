/// When real traffic takes an endpoint out, as plain values.
struct EjectionRules: Equatable {
    let consecutiveFailures: Int
    let failurePercent: UInt64
    let minimumRequests: UInt64
    let window: Nanoseconds
    let time: Nanoseconds
    let timeLimit: Nanoseconds
    let countsServerErrors: Bool

    init(_ ejection: Config.Ejection) {
        consecutiveFailures = ejection.consecutiveFailures
        failurePercent = UInt64(ejection.failurePercent)
        minimumRequests = UInt64(ejection.minimumRequests)
        window = Nanoseconds(ejection.window)
        time = Nanoseconds(ejection.time)
        timeLimit = Nanoseconds(ejection.timeLimit)
        countsServerErrors = ejection.serverErrors
    }

    /// Whether an attempt that ended so speaks against its endpoint.
    func isFailure(_ outcome: AttemptOutcome) -> Bool {
        outcome == .serverError ? countsServerErrors : outcome.evidence == .failure
    }

    /// How long an ejection lasts that `level` others came before.
    func time(level: Int) -> Nanoseconds {
        // Sixteen doublings of a millisecond are over a minute, and of a day no overflow.
        min(Nanoseconds(time.count << Int64(min(level, 16))), timeLimit)
    }
}

/// Why real traffic took an endpoint out; the `reason` of `upstream_ejections_total`.
enum EjectionCause: Int, CaseIterable {
    case consecutiveFailures
    case failurePercent

    var name: String {
        switch self {
        case .consecutiveFailures: "consecutive_failures"
        case .failurePercent: "failure_percent"
        }
    }
}
