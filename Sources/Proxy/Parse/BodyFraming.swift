/// How the end of a body is known (RFC 9112 §6.3).
enum BodyFraming: Equatable {
    case none
    case length(UInt64)
    case chunked
    case untilClose

    /// Digits of a Content-Length: as many as 2^63 - 1 has.
    static let lengthDigitLimit = 19

    /// The longest body and the largest chunk that are counted.
    static let lengthLimit = UInt64(Int64.max)

    /// What the length fields of a head say; nil when there are none.
    ///
    /// - Throws: when there is more than one reading of them, or none.
    @inline(__always)
    static func declared(
        _ bytes: Span<UInt8>,
        _ known: KnownFields,
        _ fields: borrowing FieldTable,
        version: HTTPVersion
    ) throws(ParseError) -> BodyFraming? {
        let lengthIndex = known.index(.contentLength)
        let codingIndex = known.index(.transferEncoding)
        if lengthIndex < 0, codingIndex < 0 { return nil }
        if codingIndex < 0 {
            return .length(try contentLength(bytes, fields[lengthIndex].value.range))
        }
        // RFC 9112 §6.1: a message of HTTP/1.0 with a coding is to be treated as faulty.
        if version == .http10 { throw .transferEncodingInHTTP10 }
        // RFC 9112 §6.3 lets Transfer-Encoding win; we refuse.
        if lengthIndex >= 0 { throw .conflictingLengths }
        try checkTransferEncoding(bytes, fields[codingIndex].value.range)
        return .chunked
    }

    /// A Content-Length: digits alone, no sign, no list.
    private static func contentLength(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(ParseError) -> UInt64 {
        if range.isEmpty || range.count > lengthDigitLimit { throw .badContentLength }
        var length: UInt64 = 0
        for offset in range {
            let byte = bytes[offset]
            if !byte.isDigit { throw .badContentLength }
            length = length &* 10 &+ UInt64(byte &- 0x30)
        }
        if length > lengthLimit { throw .badContentLength }
        return length
    }

    /// Throws unless the value is `chunked`, in any case, and nothing else.
    private static func checkTransferEncoding(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(ParseError) {
        if NameKey(bytes, range).first == ByteWord("chunked"), range.count == 7 { return }
        throw hasUnknownCodings(bytes, range) ? .unsupportedTransferCoding : .badTransferEncoding
    }

    /// Whether the value is a list of other codings and a final `chunked`, all without parameters.
    ///
    /// RFC 9112 §6.1 has 501 for those; where chunked is not last, §6.3 has 400.
    private static func hasUnknownCodings(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var list = TokenList(range)
        while let token = list.next(bytes) {
            let isChunked = token.count == 7 && NameKey(bytes, token).first == ByteWord("chunked")
            if isChunked { return list.isAtEnd && !list.isMalformed }
        }
        return false
    }
}

extension BodyFraming {
    /// Whether no byte of a body can follow.
    var isEmpty: Bool { self == .none || self == .length(0) }
}
