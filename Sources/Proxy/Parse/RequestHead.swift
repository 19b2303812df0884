/// The head of a request, as offsets into the bytes it was read from.
struct RequestHead {
    var method: Method
    var methodBytes: ByteRange
    var target: ByteRange
    var form: TargetForm
    /// The target's path, without its query; empty stands for `/` (an absolute target without one).
    var path: ByteRange
    /// The host and port that the request is for; empty where HTTP/1.0 leaves them out.
    var authority: ByteRange
    var version: HTTPVersion
    /// Everything up to and with the empty line, and an empty line before the request line too.
    var byteCount: Int
    var framing: BodyFraming
    /// Whether the connection may serve another request.
    var keepAlive: Bool
    var upgrade: Upgrade
    /// Whether the downstream waits for a 100 before it sends its body.
    var expectsContinue: Bool

    /// Places in the field table, -1 where there is no such field; the last one of several.
    var host: Int
    var forwardedFor: Int
    var forwardedProto: Int
    var forwardedHost: Int
    var cookie: Int

    /// Reads a request's head from the first of `bytes`; `fields` then holds its fields.
    ///
    /// - Returns: nil when bytes are missing.
    /// - Throws: when the bytes are no request, or one that has more than a single reading.
    static func parse(
        _ bytes: Span<UInt8>,
        limits: HeadLimits,
        fields: inout FieldTable
    ) throws(ParseError) -> RequestHead? {
        fields.removeAll()
        let window = bytes.extracting(first: limits.headBytes)
        var parser = FieldParser()
        if let line = try RequestLine.parse(window, targetLimit: limits.targetBytes),
            let end = try parser.parse(
                window,
                from: line.end,
                limit: limits.fields,
                into: &fields
            )
        {
            return try RequestHead(window, line, parser, &fields, byteCount: end)
        }
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return nil
    }

    /// Checks what the lines of a complete head say together.
    @inline(__always)
    private init(
        _ bytes: Span<UInt8>,
        _ line: RequestLine,
        _ parser: FieldParser,
        _ fields: inout FieldTable,
        byteCount: Int
    ) throws(ParseError) {
        method = line.method
        methodBytes = line.methodBytes
        target = line.target
        form = line.form
        path = line.path
        version = line.version
        self.byteCount = byteCount
        host = parser.index(.host)
        forwardedFor = parser.index(.xForwardedFor)
        forwardedProto = parser.index(.xForwardedProto)
        forwardedHost = parser.index(.xForwardedHost)
        cookie = parser.index(.cookie)
        authority = try Self.authority(bytes, line, parser, fields)
        framing = try .declared(bytes, parser, fields, version: line.version) ?? .none
        let options = try ConnectionOptions.parse(bytes, parser, &fields)
        keepAlive = options.persists(line.version)
        upgrade = .none
        if parser.index(.upgrade) >= 0 {
            let asked = try Upgrade.parse(bytes, parser, fields)
            let isPossible = options.upgrade && line.version == .http11 && framing.isEmpty
            if isPossible { upgrade = asked }
        }
        expectsContinue = false
        if parser.index(.expect) >= 0, line.version == .http11 {
            try Self.checkExpectation(bytes, parser, fields)
            expectsContinue = !framing.isEmpty
        }
    }

    /// The host and port that the request is for.
    @inline(__always)
    private static func authority(
        _ bytes: Span<UInt8>,
        _ line: RequestLine,
        _ parser: FieldParser,
        _ fields: borrowing FieldTable
    ) throws(ParseError) -> ByteRange {
        let index = parser.index(.host)
        if index < 0 {
            // RFC 9112 §3.2: the field may be missing in HTTP/1.0 alone.
            if line.version == .http11 { throw .missingHost }
            return line.authority
        }
        if parser.repeated.contains(.host) { throw .repeatedHost }
        let host = fields[index].value
        if !host.isEmpty {
            try Authority.check(bytes, host.range)
        } else if line.form == .absolute {
            throw .badHost
        }
        // RFC 9112 §3.2.2: an absolute target wins over the field.
        return line.form == .absolute ? line.authority : host
    }

    @inline(never)
    private static func checkExpectation(
        _ bytes: Span<UInt8>,
        _ parser: FieldParser,
        _ fields: borrowing FieldTable
    ) throws(ParseError) {
        let value = fields[parser.index(.expect)].value.range
        let isContinue =
            NameKey(bytes, value)
            == NameKey(first: ByteWord("100-cont"), second: ByteWord("inue"))
        if !isContinue || parser.repeated.contains(.expect) { throw .unknownExpectation }
    }
}
