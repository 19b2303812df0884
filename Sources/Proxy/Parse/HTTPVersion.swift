/// The versions that this proxy reads, of a message or of the peer that sent it.
enum HTTPVersion {
    case http10, http11

    /// Every version is written with as many bytes: `HTTP/`, digit, dot, digit (RFC 9112 §2.3).
    static var byteCount: Int { 8 }

    /// Reads eight bytes as a version; nil when bytes are missing.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) -> HTTPVersion? {
        if bytes.word(at: start) == ByteWord("HTTP/1.1") { return .http11 }
        return try parseUncommon(bytes, from: start)
    }

    @inline(never)
    private static func parseUncommon(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> HTTPVersion? {
        let pattern = ByteWord("HTTP/0.0")
        for index in 0..<byteCount {
            guard start + index < bytes.count else { return nil }
            let byte = bytes[start + index]
            let expected = UInt8(truncatingIfNeeded: pattern.bits >> (8 * UInt64(index)))
            let fits = expected == 0x30 ? byte.isDigit : byte == expected
            if !fits { throw .badVersion }
        }
        switch bytes.word(at: start) {
        case ByteWord("HTTP/1.0"): return .http10
        case ByteWord("HTTP/1.1"): return .http11
        default: throw .unsupportedVersion
        }
    }
}
