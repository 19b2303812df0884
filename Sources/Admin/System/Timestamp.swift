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
