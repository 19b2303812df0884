import Testing

@testable import Admin

@Suite("Rollout clock")
struct RolloutClockTests {
    @Test func `it goes on from where it stood, without the time between`() {
        let start = ContinuousClock.now
        let first = RolloutClock(now: start)
        let atEnd = first.elapsed(now: start + .seconds(7))

        let second = RolloutClock(at: atEnd, now: start + .seconds(3_600))

        #expect(second.elapsed(now: start + .seconds(3_605)) == .seconds(12))
    }
}
