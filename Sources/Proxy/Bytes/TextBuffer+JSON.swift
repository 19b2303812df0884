extension TextBuffer {
    /// A string's bytes inside JSON quotes; what JSON must not have as it is gets escaped.
    mutating func append(json bytes: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(UInt8(ascii: "\\"))
                append(byte)
            } else if byte < 0x20 || byte >= 0x7F {
                append("\\u00")
                append(Self.digit(byte >> 4))
                append(Self.digit(byte & 0xF))
            } else {
                append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Bytes inside the quotes of a log line: what could end them or steer a terminal is written as
    /// `\xHH`, as nginx and Apache do.
    mutating func append(quoted bytes: Span<UInt8>) {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "\\")
            {
                append("\\x")
                append(Self.digit(byte >> 4))
                append(Self.digit(byte & 0xF))
            } else {
                append(byte)
            }
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    /// Milliseconds with three decimals.
    mutating func append(milliseconds time: Nanoseconds) {
        let microseconds = UInt64(max(0, time.count)) / 1_000
        append(decimal: microseconds / 1_000)
        append(UInt8(ascii: "."))
        append(padded: microseconds % 1_000, digits: 3)
    }

    /// A moment of the wall clock as RFC 3339 in UTC, with milliseconds.
    mutating func append(wallClock nanoseconds: Int64) {
        let seconds = nanoseconds / 1_000_000_000
        let (year, month, day) = Self.civil(days: seconds / 86_400)
        let clock = seconds % 86_400
        append(padded: UInt64(year), digits: 4)
        append("-")
        append(padded: UInt64(month), digits: 2)
        append("-")
        append(padded: UInt64(day), digits: 2)
        append("T")
        append(padded: UInt64(clock / 3_600), digits: 2)
        append(":")
        append(padded: UInt64(clock / 60 % 60), digits: 2)
        append(":")
        append(padded: UInt64(clock % 60), digits: 2)
        append(".")
        append(padded: UInt64(nanoseconds / 1_000_000 % 1_000), digits: 3)
        append("Z")
    }

    /// A moment as in `10/Oct/2000:13:55:36 +0000`, in UTC.
    mutating func append(commonLogTime nanoseconds: Int64) {
        let seconds = nanoseconds / 1_000_000_000
        let (year, month, day) = Self.civil(days: seconds / 86_400)
        let clock = seconds % 86_400
        append(padded: UInt64(day), digits: 2)
        append("/")
        append(Self.monthNames[Int(month) - 1])
        append("/")
        append(padded: UInt64(year), digits: 4)
        for part in [clock / 3_600, clock / 60 % 60, clock % 60] {
            append(":")
            append(padded: UInt64(part), digits: 2)
        }
        append(" +0000")
    }

    private static let monthNames: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    mutating func append(padded value: UInt64, digits: Int) {
        var power: UInt64 = 1
        for _ in 1..<digits { power *= 10 }
        while power > 0 {
            append(0x30 + UInt8(value / power % 10))
            power /= 10
        }
    }

    /// The date of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date
    /// algorithms", civil_from_days).
    static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
