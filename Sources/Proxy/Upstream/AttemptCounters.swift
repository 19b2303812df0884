/// What one worker counts for the judge of one route in one slot.
struct AttemptCounters: Sendable {
    private static let successes = 0
    private static let failures = 1
    private static let abandoned = 2
    private static let times = 3

    private let cells = CounterBlock(count: times + LatencyScale.bucketCount)

    /// For the owner, when nobody has a copy of the reference any more.
    func deallocate() { cells.deallocate() }

    // MARK: By the worker

    func ended(_ outcome: AttemptOutcome) {
        switch outcome.evidence {
        case .success: cells.add(Self.successes)
        case .failure: cells.add(Self.failures)
        case .neither: cells.add(Self.abandoned)
        }
    }

    /// Counts the time to the head of a response.
    func responded(after time: Nanoseconds) {
        cells.add(Self.times + LatencyScale.bucket(of: time))
    }

    // MARK: By readers

    func add(to totals: inout AttemptTotals) {
        totals.successes += cells[Self.successes]
        totals.failures += cells[Self.failures]
        totals.abandoned += cells[Self.abandoned]
        for bucket in 0..<LatencyScale.bucketCount {
            totals.times[bucket] += cells[Self.times + bucket]
        }
    }
}

/// What all workers counted for the judge of one route in one slot; counters only grow.
package struct AttemptTotals: Sendable, Equatable {
    package var successes: UInt64 = 0
    package var failures: UInt64 = 0
    /// Given up by the downstream: they say nothing of the slot.
    package var abandoned: UInt64 = 0
    /// Times to the head of a response below 500, by the buckets of `LatencyScale`.
    package var times = [UInt64](repeating: 0, count: LatencyScale.bucketCount)

    package init() {}
}
