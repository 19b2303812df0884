extension TextBuffer {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), from seconds since 1970.
    mutating func append(httpDate seconds: Int64) {
        let (days, second) = (seconds / 86_400, seconds % 86_400)
        let (year, month, day) = Self.civil(days: days)
        append(Self.name((days + 4) % 7, in: "SunMonTueWedThuFriSat"))
        append(", ")
        append(padded: UInt64(day), digits: 2)
        append(" ")
        append(Self.name(month - 1, in: "JanFebMarAprMayJunJulAugSepOctNovDec"))
        append(" ")
        append(padded: UInt64(year), digits: 4)
        append(" ")
        append(padded: UInt64(second / 3_600), digits: 2)
        append(":")
        append(padded: UInt64(second / 60 % 60), digits: 2)
        append(":")
        append(padded: UInt64(second % 60), digits: 2)
        append(" GMT")
    }

    private mutating func append(_ letters: (UInt8, UInt8, UInt8)) {
        append(letters.0)
        append(letters.1)
        append(letters.2)
    }

    /// Three letters of a list of names that all have three.
    private static func name(_ place: Int64, in names: StaticString) -> (UInt8, UInt8, UInt8) {
        let start = Int(place) * 3
        precondition(start >= 0 && start + 3 <= names.utf8CodeUnitCount, "a name of the list")
        let letters = unsafe names.utf8Start + start
        return unsafe (letters[0], letters[1], letters[2])
    }
}

/// The `Date` line of a worker's responses, made once a second.
struct DateLine: ~Copyable {
    private var text = TextBuffer(capacity: 64)
    private var expiresAt = MonotonicTime(nanoseconds: .min)

    /// The line for this moment; stays where it is until the next call.
    @inline(__always)
    mutating func bytes(at now: MonotonicTime) -> UnsafeRawBufferPointer {
        if now >= expiresAt { renew(now) }
        return unsafe text.bytes
    }

    @inline(never)
    private mutating func renew(_ now: MonotonicTime) {
        let wallClock = wallClockNanoseconds()
        expiresAt = now + Nanoseconds(1_000_000_000 - wallClock % 1_000_000_000)
        text.removeAll()
        text.append("Date: ")
        text.append(httpDate: wallClock / 1_000_000_000)
        text.append("\r\n")
    }
}
