/// Checks the host and port of a Host field or an absolute target (RFC 3986 §3.2).
enum Authority {
    /// Digits of a port; five reach 65535.
    static let portDigitLimit = 5

    /// Throws unless `range` is a name or bracketed address, with a port or without.
    @inline(__always)
    static func check(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) {
        var end = range.lowerBound
        while true {
            let count = bytes.block(at: end).uncommonInHosts.first
            end &+= count
            if count < 16 || end >= range.upperBound { break }
        }
        if end >= range.upperBound { return }
        if bytes[end] != .colon || end == range.lowerBound {
            end = try uncommonHostEnd(bytes, range)
        }
        try checkPort(bytes, end..<range.upperBound)
    }

    /// The end of a host that has bytes which hosts seldom have.
    @inline(never)
    private static func uncommonHostEnd(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(ParseError) -> Int {
        var end = range.lowerBound
        if bytes[end] != UInt8(ascii: "[") {
            while end < range.upperBound, ByteClass.hostName.contains(bytes[end]) { end += 1 }
            if end == range.lowerBound { throw .badHost }
            return end
        }
        end += 1
        while end < range.upperBound, ByteClass.bracketedAddress.contains(bytes[end]) { end += 1 }
        guard end < range.upperBound, bytes[end] == UInt8(ascii: "]"),
            end > range.lowerBound + 1
        else { throw .badHost }
        return end + 1
    }

    /// Throws unless the range is empty or a colon and a port, which may be left out.
    @inline(__always)
    private static func checkPort(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(ParseError) {
        if range.isEmpty { return }
        let count = range.count &- 1
        guard bytes[range.lowerBound] == .colon, count <= portDigitLimit else { throw .badHost }
        let digits = bytes.word(at: range.lowerBound &+ 1).prefix(count)
        guard digits.isDecimal(count) else { throw .badHost }
        // As numbers whose first digit is the highest, texts of one length compare as they do.
        if count == portDigitLimit,
            digits.bits.byteSwapped > ByteWord("65535").bits.byteSwapped
        {
            throw .badHost
        }
    }
}
