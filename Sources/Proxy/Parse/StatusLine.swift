/// The first line of a response.
struct StatusLine {
    var version = HTTPVersion.http11
    var status: UInt16 = 0
    /// The line without its CRLF.
    var bytes = ByteRange.empty
    var reason = ByteRange.empty

    /// The offset behind the line's CRLF.
    var end: Int { Int(bytes.end) &+ 2 }

    /// Reads a status line; the reason and the space before it may be missing.
    ///
    /// - Returns: nil when bytes are missing.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>) throws(ParseError) -> StatusLine? {
        guard let version = try HTTPVersion.parse(bytes, from: 0) else { return nil }
        let word = bytes.word(at: HTTPVersion.byteCount)
        var line = StatusLine()
        line.version = version
        guard let status = try status(word, available: bytes.count &- HTTPVersion.byteCount) else {
            return nil
        }
        line.status = status
        guard let end = try FieldParser.textEnd(bytes, from: reasonStart) else { return nil }
        line.bytes = ByteRange(0, end)
        line.reason = ByteRange(min(reasonStart &+ 1, end), end)
        // Without a reason the space before it may be missing (many endpoints leave it out).
        if end > reasonStart, bytes[reasonStart] != .space { throw .badStatusLine }
        return line
    }

    /// Behind version, space and status.
    private static var reasonStart: Int { 12 }

    /// The status of the word behind the version: a space and three digits.
    @inline(__always)
    private static func status(
        _ word: ByteWord,
        available: Int
    ) throws(ParseError) -> UInt16? {
        let bits = word.bits
        if available < 4 {
            // What is there may be wrong already.
            guard available > 0 else { return nil }
            if bits & 0xFF != 0x20 { throw .badStatusLine }
            for index in 1..<max(available, 1)
            where !UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index))).isDigit {
                throw .badStatus
            }
            return nil
        }
        if bits & 0xFF != 0x20 { throw .badStatusLine }
        let hundreds = UInt16(truncatingIfNeeded: bits &>> 8 & 0xFF) &- 0x30
        let tens = UInt16(truncatingIfNeeded: bits &>> 16 & 0xFF) &- 0x30
        let ones = UInt16(truncatingIfNeeded: bits &>> 24 & 0xFF) &- 0x30
        guard hundreds &- 1 < 5, tens < 10, ones < 10 else { throw .badStatus }
        return hundreds &* 100 &+ tens &* 10 &+ ones
    }
}
