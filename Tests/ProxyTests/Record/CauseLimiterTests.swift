import Testing

@testable import Proxy

@Suite("Lines per cause")
struct CauseLimiterTests {
    private static func time(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `a cause has its lines in each second, and the next line counts what was held back`()
    {
        var limiter = CauseLimiter()

        let first = (0..<5).map {
            limiter.admit(7, at: Self.time(1_000 + $0), linesPerSecond: 2).isAdmitted
        }
        let next = limiter.admit(7, at: Self.time(2_000), linesPerSecond: 2)
        let last = limiter.admit(7, at: Self.time(2_001), linesPerSecond: 2)

        #expect(first == [true, true, false, false, false])
        #expect(next == (true, 3))
        #expect(last == (true, 0))
    }

    @Test func `one cause takes nothing from another`() {
        var limiter = CauseLimiter()
        for _ in 0..<100 { _ = limiter.admit(8, at: Self.time(1), linesPerSecond: 1) }

        #expect(limiter.admit(9, at: Self.time(1), linesPerSecond: 1) == (true, 0))
    }
}
