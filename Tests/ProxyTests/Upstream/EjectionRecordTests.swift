import Testing

@testable import Proxy

@Suite("Ejection record")
struct EjectionRecordTests {
    /// A record with the counters that an endpoint would have, at times that the test chooses.
    private struct Course {
        let record = EjectionRecord()
        var rules: EjectionRules
        var attempts: UInt64 = 0
        var failures: UInt64 = 0

        init(_ adjust: (inout Config.Ejection) -> Void = { _ in }) {
            var ejection = Config.Ejection()
            adjust(&ejection)
            rules = EjectionRules(ejection)
        }

        mutating func succeed(_ count: Int = 1) {
            attempts += UInt64(count)
            record.succeeded()
        }

        mutating func fail(at seconds: Int64) -> EjectionCause? {
            attempts += 1
            failures += 1
            return record.failed(rules, total: (attempts, failures), now: time(seconds))
        }
    }

    @Test func `the fifth failure in a row is one too many`() {
        var course = Course()

        let causes = (0..<5).map { _ in course.fail(at: 1) }

        #expect(causes == [nil, nil, nil, nil, .consecutiveFailures])
    }

    @Test func `a success ends a row`() {
        var course = Course()
        for _ in 0..<4 { #expect(course.fail(at: 1) == nil) }
        course.succeed()

        for _ in 0..<4 { #expect(course.fail(at: 1) == nil) }
        #expect(course.fail(at: 1) == .consecutiveFailures)
    }

    @Test func `a share counts from the least number of attempts on`() {
        var course = Course { $0.consecutiveFailures = 100 }

        for _ in 0..<9 {
            #expect(course.fail(at: 1) == nil)
            course.succeed()
        }
        #expect(course.fail(at: 1) == nil)
        #expect(course.fail(at: 1) == .failurePercent)
    }

    @Test func `a window begins anew`() {
        var course = Course {
            $0.consecutiveFailures = 100
            $0.minimumRequests = 4
        }
        for _ in 0..<3 { #expect(course.fail(at: 1) == nil) }

        // Ten seconds later the three are forgotten.
        for _ in 0..<3 { #expect(course.fail(at: 11) == nil) }
        #expect(course.fail(at: 11) == .failurePercent)
    }

    @Test func `attempts on connections that were closed already are forgiven`() {
        var course = Course {
            $0.consecutiveFailures = 100
            $0.minimumRequests = 10
        }
        #expect(course.fail(at: 1) == nil)
        for _ in 0..<50 {
            course.attempts += 1
            course.failures += 1
            course.record.forgive()
            course.succeed()
        }

        #expect(course.fail(at: 1) == nil)
    }

    @Test func `ejections grow while they follow one another, and begin anew after a good time`() {
        let course = Course()
        let record = course.record

        let first = record.began(.consecutiveFailures, course.rules, now: time(0))
        #expect(!record.isOver(now: time(9)))
        #expect(record.timeLeft(now: time(4)) == Nanoseconds(.seconds(6)))
        #expect(record.isOver(now: time(10)))
        record.ended(now: time(12))
        let second = record.began(.failurePercent, course.rules, now: time(20))
        record.ended(now: time(41))
        let third = record.began(.failurePercent, course.rules, now: time(340))
        record.ended(now: time(400))
        let fourth = record.began(.failurePercent, course.rules, now: time(700))

        let seconds = [first, second, third, fourth].map { $0.count / 1_000_000_000 }
        #expect(seconds == [10, 20, 40, 10])
        #expect(record.count(.consecutiveFailures) == 1)
        #expect(record.count(.failurePercent) == 3)
    }

    @Test func `one worker at a time decides`() {
        let turn = EjectionTurn()

        #expect(turn.take())
        #expect(!turn.take())
        turn.end()
        #expect(turn.take())
    }
}

private func time(_ seconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: (1_000 + seconds) * 1_000_000_000)
}
