/// The first line of a request.
struct RequestLine {
    let methodBytes: ByteRange
    let target: RequestTarget
    let method: Method
    let version: HTTPVersion

    /// The offset behind the line's CRLF.
    @inline(__always)
    var end: Int { Int(target.range.end) &+ 1 &+ HTTPVersion.byteCount &+ 2 }

    /// Reads a request line, and one empty line before it (RFC 9112 §2.2).
    ///
    /// - Returns: nil when bytes are missing.
    /// - Throws: at the first byte that no request line of HTTP/1.0 or 1.1 has in its place.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>,
        targetLimit: Int
    ) throws(ParseError) -> RequestLine? {
        guard let (method, methodBytes) = try method(bytes),
            let target = try RequestTarget.parse(
                bytes,
                from: Int(methodBytes.end) &+ 1,
                limit: targetLimit
            ),
            let version = try version(bytes, behind: target)
        else { return nil }
        // RFC 9112 §3.2.4: `*` is the server as a whole, and nothing but OPTIONS can be asked of
        // it. Looked at last, so that HTTP/2's preface (`PRI * HTTP/2.0`) is told of its version.
        if target.form == .asterisk, method != .options || target.range.count > 1 {
            throw .badTarget
        }
        return RequestLine(
            methodBytes: methodBytes,
            target: target,
            method: method,
            version: version
        )
    }

    /// Reads the method and the space behind it.
    @inline(__always)
    private static func method(
        _ bytes: Span<UInt8>
    ) throws(ParseError) -> (Method, ByteRange)? {
        if bytes.word(at: 0).prefix(4) == ByteWord("GET ") { return (.get, ByteRange(0, 3)) }
        return try uncommonMethod(bytes)
    }

    @inline(never)
    private static func uncommonMethod(
        _ bytes: Span<UInt8>
    ) throws(ParseError) -> (Method, ByteRange)? {
        var start = 0
        if bytes.count > 0, bytes[0] == .carriageReturn {
            guard try FieldParser.lineFeedFollows(bytes, 0) else { return nil }
            start = 2
        }
        var end = start
        while end < bytes.count, ByteClass.token.contains(bytes[end]) {
            if end - start == Method.byteLimit { throw .methodTooLong }
            end += 1
        }
        guard end < bytes.count else { return nil }
        if bytes[end] != .space || end == start {
            throw bytes[end].isLineBreak && end == start ? .bareLineBreak : .badMethod
        }
        let isShort = end - start < 8
        let method = isShort ? Method(bytes.word(at: start).prefix(end - start)) : .other
        if method == .connect { throw .connectMethod }
        // Upper case or none: a bit of each byte, as far as it is a letter.
        if method == .other, isShort {
            let upper = bytes.word(at: start).prefix(end - start).bits & 0xDFDF_DFDF_DFDF_DFDF
            if Method(ByteWord(bits: upper)) != .other { throw .methodInOtherCase }
        }
        return (method, ByteRange(start, end))
    }

    /// Reads what follows the target: one space, the version and CRLF.
    @inline(__always)
    private static func version(
        _ bytes: Span<UInt8>,
        behind target: RequestTarget
    ) throws(ParseError) -> HTTPVersion? {
        let end = Int(target.range.end)
        // Eleven bytes in two looks that overlap.
        let isCommon =
            bytes.word(at: end) == ByteWord(" HTTP/1.")
            && bytes.word(at: end &+ 3) == ByteWord("TP/1.1\r\n")
        return isCommon ? .http11 : try uncommonVersion(bytes, from: end)
    }

    @inline(never)
    private static func uncommonVersion(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> HTTPVersion? {
        guard start < bytes.count else { return nil }
        if bytes[start] != .space {
            throw bytes[start] == .carriageReturn ? .missingVersion : .badTarget
        }
        guard let version = try HTTPVersion.parse(bytes, from: start + 1) else { return nil }
        let lineBreak = start + 1 + HTTPVersion.byteCount
        guard lineBreak < bytes.count else { return nil }
        if bytes[lineBreak] != .carriageReturn {
            throw bytes[lineBreak] == .lineFeed ? .bareLineBreak : .badVersion
        }
        return try FieldParser.lineFeedFollows(bytes, lineBreak) ? version : nil
    }
}
