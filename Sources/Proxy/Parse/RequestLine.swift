enum HTTPVersion { case http10, http11 }

/// How a request names what it wants (RFC 9112 §3.2); the authority form is only CONNECT's.
enum TargetForm { case origin, absolute, asterisk }

/// The first line of a request.
struct RequestLine {
    var method = Method.other
    var methodBytes = ByteRange.empty
    var target = ByteRange.empty
    var form = TargetForm.origin
    /// The target's path, without its query; empty where an absolute target has none.
    var path = ByteRange.empty
    /// The host and port of an absolute target.
    var authority = ByteRange.empty
    var version = HTTPVersion.http11
    /// The offset behind the line's CRLF.
    var end = 0

    /// Reads a request line, and one empty line before it (RFC 9112 §2.2).
    ///
    /// - Returns: nil when bytes are missing.
    /// - Throws: at the first byte that no request line of HTTP/1.0 or 1.1 has in its place.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>,
        targetLimit: Int
    ) throws(ParseError) -> RequestLine? {
        var line = RequestLine()
        guard let targetStart = try line.parseMethod(bytes),
            let targetEnd = try line.parseTarget(bytes, from: targetStart, limit: targetLimit),
            try line.parseVersion(bytes, from: targetEnd &+ 1)
        else { return nil }
        return line
    }

    /// Reads the method; returns where the target starts.
    @inline(__always)
    private mutating func parseMethod(_ bytes: Span<UInt8>) throws(ParseError) -> Int? {
        let word = bytes.word(at: 0)
        if word.prefix(4) == ByteWord("GET ") {
            method = .get
            methodBytes = ByteRange(0, 3)
            return 4
        }
        return try parseUncommonMethod(bytes)
    }

    @inline(never)
    private mutating func parseUncommonMethod(_ bytes: Span<UInt8>) throws(ParseError) -> Int? {
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
        switch bytes[end] {
        case .space where end > start: break
        case .lineFeed,
            .carriageReturn where end == start:
            throw .bareLineBreak
        default: throw .badMethod
        }
        methodBytes = ByteRange(start, end)
        method = end - start < 8 ? Method(bytes.word(at: start).prefix(end - start)) : .other
        if method == .connect { throw .connectMethod }
        return end + 1
    }

    /// Reads the target; returns where the space behind it is.
    @inline(__always)
    private mutating func parseTarget(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int
    ) throws(ParseError) -> Int? {
        guard start < bytes.count else { return nil }
        var pathStart = start
        if bytes[start] != UInt8(ascii: "/") {
            guard let offset = try parseUncommonForm(bytes, from: start, limit: limit) else {
                return nil
            }
            pathStart = offset
        }
        var end = pathStart
        while true {
            let marks = bytes.word(at: end).pathEndMarks
            end &+= ByteWord.firstMark(marks)
            if marks != 0 { break }
        }
        path = ByteRange(pathStart, end)
        while true {
            let marks = bytes.word(at: end).queryEndMarks
            end &+= ByteWord.firstMark(marks)
            if marks != 0 { break }
        }
        if end &- start > limit { throw .targetTooLong }
        guard end < bytes.count else { return nil }
        target = ByteRange(start, end)
        if bytes[end] != .space {
            throw bytes[end] == .carriageReturn ? .missingVersion : .badTarget
        }
        if form == .asterisk, end &- start > 1 { throw .badTarget }
        return end
    }

    /// Reads a target up to its path, when it does not begin with one.
    @inline(never)
    private mutating func parseUncommonForm(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int
    ) throws(ParseError) -> Int? {
        if bytes[start] == UInt8(ascii: "*") {
            // RFC 9112 §3.2.4: the server as a whole, and nothing but OPTIONS can be asked of it.
            if method != .options { throw .badTarget }
            form = .asterisk
            return start + 1
        }
        form = .absolute
        guard let authorityStart = try schemeEnd(bytes, from: start) else { return nil }
        var end = authorityStart
        while end < bytes.count {
            let byte = bytes[end]
            if end - start > limit { throw .targetTooLong }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == .space { break }
            // RFC 9110 §4.2.4: user information is refused, for it serves to disguise the host.
            let isHost = ByteClass.hostName.contains(byte) || byte == .colon
            guard isHost || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") else {
                throw .badTarget
            }
            end += 1
        }
        guard end < bytes.count else { return nil }
        // RFC 9110 §4.2.1: an http URL with an empty host is invalid.
        if end == authorityStart { throw .badHost }
        try Authority.check(bytes, authorityStart..<end)
        authority = ByteRange(authorityStart, end)
        return end
    }

    /// Where the authority of an absolute target starts.
    private func schemeEnd(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        let word = bytes.word(at: start).lowercased
        if word.prefix(7) == ByteWord("http://") { return start + 7 }
        if word == ByteWord("https://") { return start + 8 }
        // A part of a scheme may yet become one; anything else is refused at once.
        let available = bytes.count - start
        if available < 8 {
            let isPart =
                word == ByteWord("http://").prefix(available)
                || word == ByteWord("https://").prefix(available)
            if isPart { return nil }
        }
        throw .badTarget
    }

    /// Reads the version and the line's end; false when bytes are missing.
    @inline(__always)
    private mutating func parseVersion(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> Bool {
        guard let version = try HTTPVersion.parse(bytes, from: start) else { return false }
        self.version = version
        let lineBreak = start &+ HTTPVersion.byteCount
        guard lineBreak < bytes.count else { return false }
        if bytes[lineBreak] != .carriageReturn {
            throw bytes[lineBreak] == .lineFeed ? .bareLineBreak : .badVersion
        }
        end = lineBreak &+ 2
        return try FieldParser.lineFeedFollows(bytes, lineBreak)
    }
}

extension HTTPVersion {
    static var byteCount: Int { 8 }

    /// Reads eight bytes as a version; nil when bytes are missing.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) -> HTTPVersion? {
        let word = bytes.word(at: start)
        if word == ByteWord("HTTP/1.1") { return .http11 }
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
