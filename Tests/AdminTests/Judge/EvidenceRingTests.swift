import Proxy
import Testing

@testable import Admin

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
