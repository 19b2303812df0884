import Testing

@testable import Proxy

@Suite("Attempt counters")
struct AttemptCountersTests {
    @Test func `every outcome counts for the slot, against it, or not at all`() {
        let counters = AttemptCounters()
        defer { counters.deallocate() }

        for outcome in AttemptOutcome.allCases { counters.ended(outcome) }

        var totals = AttemptTotals()
        counters.add(to: &totals)
        #expect(totals.successes == 1)
        #expect(totals.failures == 6)
        #expect(totals.abandoned == 1)
    }

    @Test func `times of several workers add up by bucket`() {
        let workers = [AttemptCounters(), AttemptCounters()]
        defer { for worker in workers { worker.deallocate() } }

        workers[0].responded(after: .milliseconds(3))
        workers[1].responded(after: .milliseconds(3))
        workers[1].responded(after: .milliseconds(700))

        var totals = AttemptTotals()
        for worker in workers { worker.add(to: &totals) }
        #expect(totals.times[LatencyScale.bucket(of: .milliseconds(3))] == 2)
        #expect(totals.times[LatencyScale.bucket(of: .milliseconds(700))] == 1)
        #expect(totals.times.reduce(0, +) == 3)
    }
}
