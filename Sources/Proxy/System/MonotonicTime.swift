import CLinux
import Glibc
import SwiftOverlayShims

/// A moment of the monotonic clock, in nanoseconds; differences are what it is for.
package struct MonotonicTime: Sendable, Comparable, Hashable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func now() -> MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (time: MonotonicTime, interval: Nanoseconds) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds &+ interval.count)
    }

    package static func - (later: MonotonicTime, earlier: MonotonicTime) -> Nanoseconds {
        Nanoseconds(later.nanoseconds &- earlier.nanoseconds)
    }
}

/// A span of time as one machine word; `Duration` has two and divides slowly.
package struct Nanoseconds: Sendable, Comparable, Hashable {
    package let count: Int64

    package init(_ count: Int64) { self.count = count }

    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        count = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    package static func milliseconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000_000)
    }

    package static func < (left: Nanoseconds, right: Nanoseconds) -> Bool {
        left.count < right.count
    }
}

/// The wall clock, for logs only.
func wallClockNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
