import Synchronization

/// What real traffic says against one endpoint; all workers write it, and none waits for another.
///
/// Writers may cross: a failure is then counted in the window before. What must not cross, the
/// decision to eject, is made by one worker at a time (`EjectionTurn`).
final class EjectionRecord: Sendable {
    private let failuresInARow = Atomic<Int>(0)
    private let windowEnd = Atomic<Int64>(0)
    /// The endpoint's counters at the start of the window.
    private let attemptsBefore = Atomic<UInt64>(0)
    private let failuresBefore = Atomic<UInt64>(0)
    /// Attempts on pooled connections that were closed already: nobody's fault.
    private let forgiven = Atomic<UInt64>(0)
    private let endsAt = Atomic<Int64>(0)
    private let endedAt = Atomic<Int64>(0)
    /// How many ejections came before the present one without a long good time between.
    private let level = Atomic<Int>(0)
    private let causes = CounterBlock(count: EjectionCause.allCases.count)

    deinit { causes.deallocate() }

    // MARK: By workers

    /// An attempt went well.
    func succeeded() {
        // Nearly always there is nothing to write, and the line stays shared by all cores.
        guard failuresInARow.load(ordering: .relaxed) != 0 else { return }
        failuresInARow.store(0, ordering: .relaxed)
    }

    func forgive() { forgiven.wrappingAdd(1, ordering: .relaxed) }

    /// Counts a failure; why the endpoint is to be ejected, if it is.
    ///
    /// `total` is what the endpoint's counters say, this failure included.
    func failed(
        _ rules: EjectionRules,
        total: (attempts: UInt64, failures: UInt64),
        now: MonotonicTime
    ) -> EjectionCause? {
        let run = failuresInARow.wrappingAdd(1, ordering: .relaxed).newValue
        if run >= rules.consecutiveFailures { return .consecutiveFailures }
        let stale = forgiven.load(ordering: .relaxed)
        let attempts = total.attempts &- stale
        let failures = total.failures &- stale
        beginWindow(rules, attempts &- 1, failures &- 1, now)
        let windowAttempts = attempts &- attemptsBefore.load(ordering: .relaxed)
        let windowFailures = failures &- failuresBefore.load(ordering: .relaxed)
        guard windowAttempts >= rules.minimumRequests,
            windowFailures &* 100 >= windowAttempts &* rules.failurePercent
        else { return nil }
        return .failurePercent
    }

    /// Begins the next window with a failure, when the last one is over.
    private func beginWindow(
        _ rules: EjectionRules,
        _ attempts: UInt64,
        _ failures: UInt64,
        _ now: MonotonicTime
    ) {
        let end = windowEnd.load(ordering: .relaxed)
        guard now.nanoseconds >= end else { return }
        let next = (now + rules.window).nanoseconds
        let isMine = windowEnd.compareExchange(expected: end, desired: next, ordering: .relaxed)
            .exchanged
        guard isMine else { return }
        attemptsBefore.store(attempts, ordering: .relaxed)
        failuresBefore.store(failures, ordering: .relaxed)
    }

    /// Begins an ejection, in the lane's turn; how long it lasts.
    func began(_ cause: EjectionCause, _ rules: EjectionRules, now: MonotonicTime) -> Nanoseconds {
        let last = endedAt.load(ordering: .relaxed)
        let isFirst = last == 0 || now.nanoseconds - last >= rules.timeLimit.count
        let next = isFirst ? 0 : level.load(ordering: .relaxed) + 1
        level.store(next, ordering: .relaxed)
        let time = rules.time(level: next)
        endsAt.store((now + time).nanoseconds, ordering: .relaxed)
        failuresInARow.store(0, ordering: .relaxed)
        windowEnd.store(0, ordering: .relaxed)
        // Rare, and in the lane's turn: one writer at a time.
        causes.add(cause.rawValue)
        return time
    }

    func ended(now: MonotonicTime) { endedAt.store(now.nanoseconds, ordering: .relaxed) }

    // MARK: By readers

    func isOver(now: MonotonicTime) -> Bool {
        now.nanoseconds >= endsAt.load(ordering: .relaxed)
    }

    /// What is left of the ejection's time.
    func timeLeft(now: MonotonicTime) -> Nanoseconds {
        Nanoseconds(max(0, endsAt.load(ordering: .relaxed) - now.nanoseconds))
    }

    func count(_ cause: EjectionCause) -> UInt64 { causes[cause.rawValue] }
}

/// Lets one worker at a time decide on the ejections of one lane, so that no two of them take out
/// one endpoint too many; who comes meanwhile does not wait, for the next failure will do.
final class EjectionTurn: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func take() -> Bool {
        isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    func end() { isTaken.store(false, ordering: .releasing) }
}
