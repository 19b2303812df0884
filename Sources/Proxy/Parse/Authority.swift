/// Checks the host and port of a Host field or an absolute target (RFC 3986 §3.2).
enum Authority {
    /// Digits of a port; five reach 65535.
    static let portDigitLimit = 5

    /// Throws unless `range` is a name or bracketed address, with a port or without.
    @inline(__always)
    static func check(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) {
        var end = range.lowerBound
        while true {
            let marks = bytes.word(at: end).uncommonHostMarks
            end &+= ByteWord.firstMark(marks)
            if marks != 0 || end >= range.upperBound { break }
        }
        if end < range.upperBound { try checkRest(bytes, range, from: end) }
    }

    /// As `check`, where the bytes before `start` belong to a name for certain.
    @inline(never)
    private static func checkRest(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        from start: Int
    ) throws(ParseError) {
        var end = start
        if bytes[range.lowerBound] == UInt8(ascii: "[") {
            end = range.lowerBound + 1
            while end < range.upperBound, ByteClass.bracketedAddress.contains(bytes[end]) {
                end += 1
            }
            guard end < range.upperBound, end > range.lowerBound + 1,
                bytes[end] == UInt8(ascii: "]")
            else { throw .badHost }
            end += 1
        } else {
            while end < range.upperBound, ByteClass.hostName.contains(bytes[end]) { end += 1 }
            if end == range.lowerBound { throw .badHost }
        }
        if end == range.upperBound { return }
        guard bytes[end] == .colon, range.upperBound - end <= 1 + portDigitLimit else {
            throw .badHost
        }
        var port = 0
        for offset in (end + 1)..<range.upperBound {
            if !bytes[offset].isDigit { throw .badHost }
            port = port * 10 + Int(bytes[offset] - 0x30)
        }
        if port > UInt16.max { throw .badHost }
    }
}
