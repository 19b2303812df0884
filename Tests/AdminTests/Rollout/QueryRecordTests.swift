import Proxy
import Testing

@testable import Admin

@Suite("Query record")
struct QueryRecordTests {
    private let start = ContinuousClock.now
    private var record: QueryRecord

    init() {
        var query = Config.Rollout.Query()
        query.name = "orders"
        (query.min, query.max) = (1, 5)
        query.failures = 2
        record = QueryRecord(query, due: start)
    }

    private func state(after seconds: Int = 0) -> Verdict.State {
        record.check(at: start + .seconds(seconds)).state
    }

    @Test mutating func `numbers within the bounds pass, the bounds among them`() {
        #expect(state() == .inconclusive)
        for number in [1, 3.5, 5] {
            record.note(.number(number), at: start)
            #expect(state() == .pass)
        }
    }

    @Test mutating func `only so many bad numbers in a row fail`() {
        record.note(.number(6), at: start)
        #expect(state() == .inconclusive)
        record.note(.number(0.9), at: start)
        #expect(state() == .fail)

        record.note(.number(2), at: start)
        record.note(.number(6), at: start)
        #expect(state() == .inconclusive)
    }

    @Test mutating func `no answer is neither good nor bad`() {
        record.note(.number(6), at: start)
        record.note(.unclear("no data"), at: start)
        let check = record.check(at: start)
        #expect(check.state == .inconclusive)
        #expect(check.reason == "no data")

        record.note(.number(6), at: start)
        #expect(state() == .fail)
    }

    @Test mutating func `a number that is old says nothing about now`() {
        record.note(.number(3), at: start)

        #expect(state(after: 55) == .pass)
        #expect(state(after: 56) == .inconclusive)
    }

    @Test mutating func `the next question is due an interval after the answer`() {
        record.note(.number(3), at: start)

        #expect(record.due == start + .seconds(15))
    }
}
