import CLinux
import Glibc

/// A moment of the wall clock.
package struct Timestamp: Sendable, Hashable {
    package let seconds: Int
    package let milliseconds: Int

    package init(seconds: Int, milliseconds: Int = 0) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    package static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The time by which the process waits: the wall clock as it was when first asked, and monotonic
    /// from there on, so that a step of the clock neither ends nor prolongs what was promised.
    static var steady: Timestamp {
        anchor.wall.advanced(by: anchor.instant.duration(to: .now))
    }

    private static let anchor = (wall: Timestamp.now, instant: ContinuousClock.now)

    package var secondsSince1970: Double { Double(seconds) + Double(milliseconds) / 1_000 }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, such as `2026-01-31T12:00:00.250Z`.
    package var description: String {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let date = unsafe [parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday]
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        let day = date.map { Self.padded($0, 2) }.joined(separator: "-")
        let clock = time.map { Self.padded($0, 2) }.joined(separator: ":")
        return "\(day)T\(clock).\(Self.padded(Int32(milliseconds), 3))Z"
    }

    private static func padded(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Timestamp {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The form of a `Date` field (RFC 9110 §5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    var httpDate: String {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        let clock = time.map { Self.padded($0, 2) }.joined(separator: ":")
        let weekday = unsafe Self.weekdays[Int(parts.tm_wday)]
        let month = unsafe Self.months[Int(parts.tm_mon)]
        let day = unsafe Self.padded(parts.tm_mday, 2)
        return unsafe "\(weekday), \(day) \(month) \(parts.tm_year + 1_900) \(clock) GMT"
    }
}
