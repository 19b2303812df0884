/// How a request names what it wants (RFC 9112 §3.2); the authority form is only CONNECT's.
enum TargetForm { case origin, absolute, asterisk }

/// What a request is for: the middle of its first line (RFC 9112 §3.2).
struct RequestTarget {
    let range: ByteRange
    /// The path, without the query; empty where an absolute target has none, and for `*`.
    let path: ByteRange
    /// The host and port of an absolute target, otherwise empty.
    let authority: ByteRange
    let form: TargetForm

    /// Reads a target up to the first byte that is not part of one.
    ///
    /// - Returns: nil when bytes are missing.
    /// - Throws: when it is malformed or longer than `limit`.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int
    ) throws(ParseError) -> RequestTarget? {
        var (form, authority, pathStart) = (TargetForm.origin, ByteRange.empty, start)
        if bytes.byte(at: start) != UInt8(ascii: "/") {
            guard let other = try otherForm(bytes, from: start, limit: limit) else { return nil }
            (form, authority, pathStart) = other
        }
        let pathEnd = pathEnd(bytes, from: pathStart)
        var end = pathEnd
        if bytes.byte(at: end) == UInt8(ascii: "?") { end = targetEnd(bytes, from: end &+ 1) }
        if end &- start > limit { throw .targetTooLong }
        return RequestTarget(
            range: ByteRange(start, end),
            path: ByteRange(pathStart, pathEnd),
            authority: authority,
            form: form
        )
    }

    @inline(__always)
    private static func pathEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while true {
            let count = bytes.block(at: end).pathEnds.first
            end &+= count
            if count < 16 { return end }
        }
    }

    @inline(__always)
    private static func targetEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while true {
            let count = bytes.block(at: end).targetEnds.first
            end &+= count
            if count < 16 { return end }
        }
    }

    /// Reads a target up to its path, when it does not begin with one.
    @inline(never)
    private static func otherForm(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int
    ) throws(ParseError) -> (TargetForm, authority: ByteRange, pathStart: Int)? {
        guard start < bytes.count else { return nil }
        if bytes[start] == UInt8(ascii: "*") {
            return (.asterisk, .empty, start + 1)
        }
        guard let authorityStart = try schemeEnd(bytes, from: start) else { return nil }
        var end = authorityStart
        while end < bytes.count, ByteClass.authority.contains(bytes[end]) { end += 1 }
        if end - start > limit { throw .targetTooLong }
        guard end < bytes.count else { return nil }
        switch bytes[end] {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), .space: break
        // RFC 9110 §4.2.4: user information is refused, for it serves to disguise the host.
        default: throw .badTarget
        }
        // RFC 9110 §4.2.1: an http URL with an empty host is invalid.
        if end == authorityStart { throw .badHost }
        try Authority.check(bytes, authorityStart..<end)
        return (.absolute, ByteRange(authorityStart, end), end)
    }

    /// Where the authority of an absolute target starts.
    private static func schemeEnd(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> Int? {
        let word = bytes.word(at: start).lowercased
        if word.prefix(7) == ByteWord("http://") { return start + 7 }
        if word == ByteWord("https://") { return start + 8 }
        // The beginning of a scheme may yet become one; anything else is refused at once.
        let available = bytes.count - start
        if available < 8 {
            let isBeginning =
                word == ByteWord("http://").prefix(available)
                || word == ByteWord("https://").prefix(available)
            if isBeginning { return nil }
        }
        throw .badTarget
    }
}
