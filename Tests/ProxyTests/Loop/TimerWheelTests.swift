import TestSupport
import Testing

@testable import Proxy

@Suite("Timer wheel")
struct TimerWheelTests {
    static let tick = TimerWheel.tickNanoseconds
    static let turn = tick * Int64(TimerWheel.tickCount)
    /// A start between two ticks.
    static let start = MonotonicTime(nanoseconds: 1_000_000_000_000 + 12_345_678)

    private static func after(_ nanoseconds: Int64) -> MonotonicTime {
        start + Nanoseconds(nanoseconds)
    }

    private static func after(ticks: Int64) -> MonotonicTime { after(ticks * tick) }

    private static func expired(
        _ wheel: inout TimerWheel,
        _ now: MonotonicTime
    ) -> Set<Int> {
        var timers: Set<Int> = []
        while let timer = wheel.takeExpired(now: now) {
            #expect(timers.insert(timer).inserted, "timer \(timer) expired twice")
        }
        return timers
    }

    /// Sleeps as the wheel asks until something expires: how late that is.
    private static func lateness(
        _ wheel: inout TimerWheel,
        from now: MonotonicTime,
        deadline: MonotonicTime
    ) -> Int64? {
        var now = now
        for _ in 0..<100 {
            let wait = wheel.millisecondsUntilNext(now: now)
            guard wait >= 0 else { return nil }
            now = now + .milliseconds(Int64(wait))
            if wheel.takeExpired(now: now) != nil { return (now - deadline).count }
        }
        return nil
    }

    @Test func `an empty wheel waits for ever`() {
        var wheel = TimerWheel(now: Self.start)

        #expect(wheel.millisecondsUntilNext(now: Self.start) == -1)
        #expect(wheel.takeExpired(now: Self.after(Self.turn)) == nil)
    }

    @Test(
        "a deadline is met, never early and at most one tick late",
        arguments: [
            1, 1_000_000, tick - 1, tick, tick + 1, 5 * tick, turn - 2 * tick, turn - tick,
            turn - 1, turn, turn + 1, turn + tick, 3 * turn + 7, 10 * turn,
        ] as [Int64]
    )
    func lateness(nanoseconds: Int64) throws {
        var wheel = TimerWheel(now: Self.start)
        let deadline = Self.after(nanoseconds)
        wheel.set(3, at: deadline)

        let late = try #require(Self.lateness(&wheel, from: Self.start, deadline: deadline))

        // Waits are whole milliseconds, rounded up.
        #expect((0...(Self.tick + 1_000_000)).contains(late))
        #expect(wheel.millisecondsUntilNext(now: deadline) == -1)
    }

    @Test func `a deadline that has passed is met in the next tick`() throws {
        var wheel = TimerWheel(now: Self.start)
        wheel.set(0, at: Self.after(-5 * Self.tick))

        let late = try #require(
            Self.lateness(&wheel, from: Self.start, deadline: Self.start)
        )

        #expect((0...(Self.tick + 1_000_000)).contains(late))
    }

    @Test func `a later deadline moves nothing until the old one comes`() {
        var wheel = TimerWheel(now: Self.start)
        wheel.set(1, at: Self.after(ticks: 10))
        let wait = wheel.millisecondsUntilNext(now: Self.start)

        wheel.set(1, at: Self.after(ticks: 100))

        #expect(wheel.millisecondsUntilNext(now: Self.start) == wait)
        #expect(Self.expired(&wheel, Self.after(ticks: 11)).isEmpty)
        let moved = wheel.millisecondsUntilNext(now: Self.after(ticks: 11))
        #expect((4_400...4_550).contains(moved), "\(moved)")
        #expect(Self.expired(&wheel, Self.after(ticks: 99)).isEmpty)
        #expect(Self.expired(&wheel, Self.after(ticks: 101)) == [1])
    }

    @Test func `an earlier deadline takes the place of a later one`() {
        var wheel = TimerWheel(now: Self.start)
        wheel.set(1, at: Self.after(ticks: 100))

        wheel.set(1, at: Self.after(ticks: 10))

        #expect(Self.expired(&wheel, Self.after(ticks: 11)) == [1])
        #expect(Self.expired(&wheel, Self.after(ticks: 200)).isEmpty)
    }

    @Test func `a cancelled timer never expires, its neighbours do`() {
        for gone in 0..<3 {
            var wheel = TimerWheel(now: Self.start)
            for timer in 0..<3 { wheel.set(timer, at: Self.after(ticks: 5)) }

            wheel.cancel(gone)

            #expect(Self.expired(&wheel, Self.after(ticks: 6)) == Set(0..<3).subtracting([gone]))
        }
    }

    @Test func `cancelling what was never set, or twice, does nothing`() {
        var wheel = TimerWheel(now: Self.start)
        wheel.cancel(9)
        wheel.set(2, at: Self.after(ticks: 1))
        wheel.cancel(1)
        wheel.cancel(2)
        wheel.cancel(2)

        #expect(wheel.millisecondsUntilNext(now: Self.start) == -1)
    }

    @Test func `the last of its tick leaves no wait behind`() {
        var wheel = TimerWheel(now: Self.start)
        for timer in 0..<2 { wheel.set(timer, at: Self.after(ticks: 5)) }

        wheel.cancel(0)
        #expect(wheel.millisecondsUntilNext(now: Self.start) > 0)
        wheel.cancel(1)
        #expect(wheel.millisecondsUntilNext(now: Self.start) == -1)
    }

    @Test func `after a stall of many turns all that is due expires at once`() {
        var wheel = TimerWheel(now: Self.start)
        for timer in 0..<100 { wheel.set(timer, at: Self.after(Int64(timer) * Self.turn / 10)) }

        let now = Self.after(5 * Self.turn + 2 * Self.tick)

        #expect(Self.expired(&wheel, now) == Set(0...50))
        #expect(Self.expired(&wheel, Self.after(20 * Self.turn)) == Set(51..<100))
    }

    @Test func `a timer may be set again while others of its tick expire`() {
        var wheel = TimerWheel(now: Self.start)
        for timer in 0..<4 { wheel.set(timer, at: Self.after(ticks: 3)) }
        let now = Self.after(ticks: 4)
        var met: Set<Int> = []

        while let timer = wheel.takeExpired(now: now) {
            #expect(met.insert(timer).inserted)
            wheel.set(timer, at: now + Nanoseconds(10 * Self.tick))
        }

        #expect(met == Set(0..<4))
        #expect(Self.expired(&wheel, now + Nanoseconds(11 * Self.tick)) == Set(0..<4))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `many random timers agree with a naive model`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var wheel = TimerWheel(now: Self.start)
        var deadlines: [Int: MonotonicTime] = [:]
        var now = Self.start

        for _ in 0..<4_000 {
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let timer = Int.random(in: 0..<64, using: &random)
                if Int.random(in: 0..<5, using: &random) == 0 {
                    wheel.cancel(timer)
                    deadlines[timer] = nil
                } else {
                    let span =
                        [Self.tick * 3, Self.tick * 200, Self.turn * 2]
                        .randomElement(using: &random) ?? Self.tick
                    let ahead = Nanoseconds(Int64.random(in: -Self.tick...span, using: &random))
                    wheel.set(timer, at: now + ahead)
                    deadlines[timer] = now + ahead
                }
            }
            let step =
                [Self.tick / 7, Self.tick * 2, Self.tick * 50, Self.turn]
                .randomElement(using: &random) ?? Self.tick
            let before = now
            now = now + Nanoseconds(Int64.random(in: 0...step, using: &random))

            for timer in Self.expired(&wheel, now) {
                let deadline = deadlines.removeValue(forKey: timer)
                #expect(deadline.map { $0 <= now } ?? false, "timer \(timer) was early or unset")
            }

            // Set in the past, a deadline has until the end of the tick in which it was set.
            let overdue = deadlines.filter { max($0.value, before) + Nanoseconds(Self.tick) <= now }
            #expect(overdue.isEmpty, "late: \(overdue)")
            #expect((wheel.millisecondsUntilNext(now: now) < 0) == deadlines.isEmpty)
        }
    }
}
