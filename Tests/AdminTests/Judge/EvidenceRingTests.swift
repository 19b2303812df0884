import Testing

@testable import Admin
@testable import Proxy

@Suite("Evidence ring")
struct EvidenceRingTests {
    private static let name = JudgedRoute.Identity(slot: SlotID(1), service: "app", route: "*")

    private static func totals(_ successes: UInt64, _ failures: UInt64 = 0) -> EvidenceTotals {
        var attempts = AttemptTotals()
        attempts.successes = successes
        attempts.failures = failures
        attempts.times[7] = successes
        return EvidenceTotals(routes: [name: attempts])
    }

    private static func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    /// Attempts and failures since so many seconds.
    private static func seen(_ ring: EvidenceRing, since seconds: Double) -> [UInt64] {
        let route = ring.evidence(since: [at(seconds)])[0].routes[name] ?? .init()
        #expect(route.times.total == Double(route.successes))
        return [route.attempts, route.failures]
    }

    @Test func `a window holds what came within it and nothing of before`() {
        var ring = EvidenceRing()
        for second in 0...10 {
            let count = UInt64(second) * 10
            ring.note(
                Self.totals(count, count / 10),
                at: Self.at(Double(second)),
                beginningStep: false
            )
        }

        #expect(Self.seen(ring, since: 0) == [110, 10])
        #expect(Self.seen(ring, since: 8) == [22, 2])
        #expect(Self.seen(ring, since: 10.5) == [0, 0])
    }

    @Test func `a fresh step begins at once`() {
        var ring = EvidenceRing()
        ring.note(Self.totals(0), at: Self.at(0), beginningStep: false)
        ring.note(Self.totals(40), at: Self.at(0.4), beginningStep: true)
        ring.note(Self.totals(45), at: Self.at(0.6), beginningStep: false)

        #expect(Self.seen(ring, since: 0.4) == [5, 0])
        #expect(Self.seen(ring, since: 0) == [45, 0])
    }

    @Test func `counters that begin anew after a reload are not taken for a fall`() {
        var ring = EvidenceRing()
        ring.note(Self.totals(100, 10), at: Self.at(0), beginningStep: true)
        ring.note(Self.totals(3, 1), at: Self.at(1), beginningStep: false)

        #expect(Self.seen(ring, since: 0.5) == [0, 0])
        #expect(Self.seen(ring, since: 0)[1] == 11)
    }

    @Test func `what users saw is kept by slot, with whom the other slot has answered`() {
        func lane(_ slot: String?, good: UInt64, bad: UInt64, rescued: UInt64) -> Statistics.Lane {
            var lane = Statistics.Lane()
            lane.slot = slot
            lane.requests = [
                .init(method: "GET", status: 200, count: good),
                .init(method: "GET", status: 404, count: 1),
                .init(method: "POST", status: 500, count: bad),
            ]
            lane.rescued = ["closed": rescued, "server_error": rescued]
            return lane
        }
        func totals(_ lanes: Statistics.Lane...) -> EvidenceTotals {
            var totals = EvidenceTotals()
            totals.note(lanes, JudgeTests.config())
            return totals
        }
        var ring = EvidenceRing()
        ring.note(
            totals(lane("blue", good: 10, bad: 1, rescued: 2)),
            at: Self.at(0),
            beginningStep: true
        )
        ring.note(
            totals(
                lane("blue", good: 15, bad: 3, rescued: 5),
                lane("green", good: 4, bad: 2, rescued: 0),
                lane(nil, good: 0, bad: 9, rescued: 0)
            ),
            at: Self.at(1),
            beginningStep: false
        )

        let seen = ring.evidence(since: [Self.at(0), Self.at(0.5)])

        let (all, late) = (seen[0].outcomes, seen[1].outcomes)
        #expect(all[SlotID(0)] == .init(answers: 19, failures: 3, rescued: 0))
        #expect(all[SlotID(1)] == .init(answers: 7, failures: 2, rescued: 10))
        #expect(late == [:])
    }

    @Test func `what is older than the longest window is forgotten`() {
        var ring = EvidenceRing()
        for second in 0...1_500 {
            ring.note(
                Self.totals(UInt64(second)),
                at: Self.at(Double(second)),
                beginningStep: false
            )
        }

        #expect(Self.seen(ring, since: 0)[0] <= 601)
        #expect(Self.seen(ring, since: 0)[0] >= 599)
    }
}
