/// Deadlines of a worker's connections, each known by a small number.
///
/// A hashed wheel (Varghese and Lauck, 1987, scheme 6): a deadline hangs in the list of its tick.
/// Setting a later deadline only writes it down: the entry stays where it is and is moved when
/// its old tick comes, so that a busy connection costs one move per tick at most, not one per
/// request. Deadlines past one turn of the wheel wait in its last tick and are moved on from there.
struct TimerWheel: ~Copyable {
    /// The resolution: a deadline is met at most this much late.
    static let tickNanoseconds: Int64 = 50_000_000
    /// Ticks of one turn, 102 s: longer than the longest timeout that is often set (75 s).
    static let tickCount = 2_048

    private struct Entry {
        /// Neighbours in the list of the tick; -1 for none.
        var next: Int32 = -1
        var previous: Int32 = -1
        /// Where it hangs; `unscheduled` when nowhere.
        var tick: Int64 = TimerWheel.unscheduled
        var deadline: Int64 = 0
    }

    private static let unscheduled: Int64 = -1

    private var entries: [Entry] = []
    private var firstOfTick: [Int32]
    /// One bit per tick that has entries, to find the next one without walking.
    private var occupied: [UInt64]
    /// All ticks before this one have been handled.
    private var currentTick: Int64

    init(now: MonotonicTime) {
        firstOfTick = Array(repeating: -1, count: Self.tickCount)
        occupied = Array(repeating: 0, count: Self.tickCount / 64)
        currentTick = now.nanoseconds / Self.tickNanoseconds
    }

    /// Has `timer` expire at `deadline`, in place of any earlier call's.
    mutating func set(_ timer: Int, at deadline: MonotonicTime) {
        if timer >= entries.count {
            entries.append(contentsOf: repeatElement(Entry(), count: timer + 1 - entries.count))
        }
        entries[timer].deadline = deadline.nanoseconds
        let tick = tick(of: deadline.nanoseconds)
        let scheduled = entries[timer].tick
        if scheduled != Self.unscheduled {
            guard tick < scheduled else { return }
            unlink(timer)
        }
        link(timer, tick)
    }

    mutating func cancel(_ timer: Int) {
        guard timer < entries.count, entries[timer].tick != Self.unscheduled else { return }
        unlink(timer)
    }

    /// Milliseconds until something may expire, for epoll_wait; -1 when nothing is set.
    func millisecondsUntilNext(now: MonotonicTime) -> Int32 {
        guard let tick = nextOccupiedTick() else { return -1 }
        let wait = (tick + 1) * Self.tickNanoseconds - now.nanoseconds
        return Int32(clamping: max(0, (wait + 999_999) / 1_000_000))
    }

    /// Takes one timer whose deadline has passed; nil when there is none (any more).
    mutating func takeExpired(now: MonotonicTime) -> Int? {
        let nowTick = now.nanoseconds / Self.tickNanoseconds
        while currentTick < nowTick {
            let slot = slot(of: currentTick)
            while firstOfTick[slot] >= 0 {
                let timer = Int(firstOfTick[slot])
                unlink(timer)
                if entries[timer].deadline <= now.nanoseconds { return timer }
                // Set later since, or past the turn: hang it where it belongs now.
                link(timer, max(tick(of: entries[timer].deadline), currentTick + 1))
            }
            currentTick = nextTick(upTo: nowTick)
        }
        return nil
    }

    private func slot(of tick: Int64) -> Int { Int(tick) & (Self.tickCount - 1) }

    private func tick(of deadline: Int64) -> Int64 {
        let last = currentTick + Int64(Self.tickCount) - 1
        return min(max(deadline / Self.tickNanoseconds, currentTick), last)
    }

    private mutating func link(_ timer: Int, _ tick: Int64) {
        let slot = slot(of: tick)
        let next = firstOfTick[slot]
        entries[timer].tick = tick
        entries[timer].previous = -1
        entries[timer].next = next
        if next >= 0 { entries[Int(next)].previous = Int32(timer) }
        firstOfTick[slot] = Int32(timer)
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
    }

    private mutating func unlink(_ timer: Int) {
        let entry = entries[timer]
        let slot = slot(of: entry.tick)
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            firstOfTick[slot] = entry.next
            if entry.next < 0 { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        }
        entries[timer].tick = Self.unscheduled
    }

    /// The next tick after the current one that has entries, `limit` when none comes before.
    private func nextTick(upTo limit: Int64) -> Int64 {
        guard let tick = nextOccupiedTick() else { return limit }
        return min(max(tick, currentTick + 1), limit)
    }

    private func nextOccupiedTick() -> Int64? {
        let start = slot(of: currentTick)
        let words = occupied.count
        for step in 0...words {
            let word = (start >> 6 + step) & (words - 1)
            var bits = occupied[word]
            if step == 0 { bits &= ~0 << UInt64(start & 63) }
            if step == words { bits &= (1 << UInt64(start & 63)) - 1 }
            guard bits != 0 else { continue }
            let found = word << 6 + bits.trailingZeroBitCount
            return currentTick + Int64((found - start) & (Self.tickCount - 1))
        }
        return nil
    }
}
