/// The head of a response, as offsets into the bytes it was read from.
struct ResponseHead {
    var status: UInt16
    var version: HTTPVersion
    /// The status line without its CRLF.
    var statusLine: ByteRange
    var reason: ByteRange
    /// Everything up to and with the empty line.
    var byteCount: Int
    var framing: BodyFraming
    /// Whether the connection may serve another request.
    var keepAlive: Bool
    var hasDate: Bool

    /// Whether the final response is yet to come; 101 is final, for HTTP ends with it.
    var isInterim: Bool { status < 200 && status != 101 }

    /// Reads a response's head from the first of `bytes`; `fields` then holds its fields.
    ///
    /// - Returns: nil when bytes are missing.
    /// - Throws: when the bytes are no response, or one that has more than a single reading.
    static func parse(
        _ bytes: Span<UInt8>,
        requestMethod: Method,
        limits: HeadLimits,
        fields: inout FieldTable
    ) throws(ParseError) -> ResponseHead? {
        fields.removeAll()
        let window = bytes.extracting(first: limits.headBytes)
        var parser = FieldParser()
        if let line = try StatusLine.parse(window),
            let end = try parser.parse(
                window,
                from: line.end,
                limit: limits.fields,
                into: &fields
            )
        {
            return try ResponseHead(window, requestMethod, line, parser, &fields, byteCount: end)
        }
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return nil
    }

    /// Checks what the lines of a complete head say together.
    @inline(__always)
    private init(
        _ bytes: Span<UInt8>,
        _ requestMethod: Method,
        _ line: StatusLine,
        _ parser: FieldParser,
        _ fields: inout FieldTable,
        byteCount: Int
    ) throws(ParseError) {
        status = line.status
        version = line.version
        statusLine = line.bytes
        reason = line.reason
        self.byteCount = byteCount
        hasDate = parser.index(.date) >= 0
        let declared = try BodyFraming.declared(bytes, parser, fields, version: line.version)
        if let declared { try Self.checkLength(declared, line.status, parser, &fields) }
        framing = Self.framing(declared, line.status, requestMethod)
        let options = try ConnectionOptions.parse(bytes, parser, &fields)
        keepAlive = framing != .untilClose && options.persists(line.version)
        // RFC 9110 §15.2.2: without the field nobody knows what the connection is from here on.
        if line.status == 101, parser.index(.upgrade) < 0 { throw .missingUpgrade }
    }

    /// Where the body ends (RFC 9112 §6.3).
    @inline(__always)
    private static func framing(
        _ declared: BodyFraming?,
        _ status: UInt16,
        _ requestMethod: Method
    ) -> BodyFraming {
        if requestMethod == .head || status < 200 || status == 204 || status == 304 {
            return .none
        }
        return declared ?? .untilClose
    }

    /// Refuses a length where there is no body (RFC 9110 §8.6, RFC 9112 §6.1).
    ///
    /// A 204 with length zero is common and says what everybody takes it for: the field goes.
    @inline(__always)
    private static func checkLength(
        _ declared: BodyFraming,
        _ status: UInt16,
        _ parser: FieldParser,
        _ fields: inout FieldTable
    ) throws(ParseError) {
        if status >= 200 && status != 204 { return }
        guard status == 204, declared == .length(0) else { throw .lengthWithoutBody }
        fields[parser.index(.contentLength)].isRemoved = true
    }
}
