import Proxy

/// The answers that Prometheus gave to one query since the last change of traffic.
struct QueryRecord: Sendable, Equatable {
    enum Answer: Sendable, Equatable {
        case number(Double)
        /// Whatever is not one number says nothing, and never that all is well.
        case unclear(String)
    }

    /// Answers older than so many intervals say nothing about now.
    private static let freshIntervals = 3

    let query: Config.Rollout.Query
    private(set) var last: Answer?
    /// When the last answer came.
    private(set) var time: ContinuousClock.Instant?
    /// Numbers out of bounds in a row.
    private(set) var badStreak = 0
    private(set) var answers: UInt64 = 0
    /// When it is to be asked next.
    private(set) var due: ContinuousClock.Instant

    init(_ query: Config.Rollout.Query, due: ContinuousClock.Instant) {
        self.query = query
        self.due = due
    }

    mutating func note(_ answer: Answer, at now: ContinuousClock.Instant) {
        last = answer
        time = now
        due = now + query.interval
        answers += 1
        switch answer {
        case .number(let number): badStreak = isGood(number) ? 0 : badStreak + 1
        // A missing answer neither mends nor adds to a bad row.
        case .unclear: break
        }
    }

    private func isGood(_ number: Double) -> Bool {
        number >= query.min ?? -.infinity && number <= query.max ?? .infinity
    }

    /// The query as a check of the verdict.
    func check(at now: ContinuousClock.Instant) -> Verdict.Check {
        let freshness = query.interval * Self.freshIntervals + query.timeout
        var check: Verdict.Check
        switch last {
        case nil: check = made(.inconclusive, "not asked yet")
        case .number where time.map({ now - $0 > freshness }) ?? true:
            check = made(.inconclusive, "no answer for \(DurationText.text(freshness))")
        case .unclear(let reason): check = made(.inconclusive, reason)
        case .number(let number) where isGood(number):
            check = made(.pass, "\(number) is within \(bounds)")
        case .number(let number) where badStreak >= query.failures:
            check = made(.fail, "\(number) is not within \(bounds), \(badStreak) times in a row")
        case .number(let number):
            let count = "\(badStreak) of \(query.failures) times"
            check = made(.inconclusive, "\(number) is not within \(bounds), \(count)")
        }
        if case .number(let number) = last { check.value = number }
        check.sampleSize = answers
        check.threshold = query.max ?? query.min
        return check
    }

    private func made(_ state: Verdict.State, _ reason: String) -> Verdict.Check {
        Verdict.Check(name: "query \(query.name)", state: state, reason: reason)
    }

    private var bounds: String {
        switch (query.min, query.max) {
        case (let min?, let max?): "\(min) to \(max)"
        case (let min?, nil): "\(min) and more"
        case (nil, let max?): "\(max) and less"
        case (nil, nil): "no bounds"
        }
    }
}
