/// The head of a response, as offsets into the bytes it was read from.
struct ResponseHead {
    let line: StatusLine
    private var known = KnownFields()
    /// Everything up to and with the empty line.
    private(set) var byteCount = 0
    private(set) var framing = BodyFraming.none
    /// Whether the connection may serve another request.
    private(set) var keepAlive = false

    var status: UInt16 { line.status }
    var version: HTTPVersion { line.version }
    /// The status line without its CRLF.
    var statusLine: ByteRange { line.bytes }
    var reason: ByteRange { line.reason }
    var hasDate: Bool { known.names.contains(.date) }
    var hasSetCookie: Bool { known.names.contains(.setCookie) }
    var hasCacheControl: Bool { known.names.contains(.cacheControl) }
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
        guard let line = try StatusLine.parse(window) else {
            return try incomplete(bytes, limits)
        }
        var head = ResponseHead(line: line)
        guard
            let end = try FieldParser.parse(
                window,
                from: line.end,
                limit: limits.fields,
                into: &fields,
                &head.known
            )
        else { return try incomplete(bytes, limits) }
        head.byteCount = end
        try head.readSteering(window, &fields, requestMethod)
        return head
    }

    @inline(__always)
    private init(line: StatusLine) { self.line = line }

    private static func incomplete(
        _ bytes: Span<UInt8>,
        _ limits: HeadLimits
    ) throws(ParseError) -> ResponseHead? {
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return nil
    }

    /// Reads how the message ends and what becomes of the connection (RFC 9112 §6.3, §9.3).
    @inline(never)
    private mutating func readSteering(
        _ bytes: Span<UInt8>,
        _ fields: inout FieldTable,
        _ requestMethod: Method
    ) throws(ParseError) {
        let declared = try BodyFraming.declared(bytes, known, fields, version: version)
        if let declared { try checkLength(declared, &fields) }
        if requestMethod != .head, status >= 200, status != 204, status != 304 {
            framing = declared ?? .untilClose
        }
        let options = try ConnectionOptions.parse(bytes, known, &fields)
        keepAlive = framing != .untilClose && options.persists(version)
        // RFC 9110 §15.2.2: without the field nobody knows what the connection is from here on.
        if status == 101, !known.names.contains(.upgrade) { throw .missingUpgrade }
    }

    /// Refuses a length where there is no body (RFC 9110 §8.6, RFC 9112 §6.1).
    ///
    /// A 204 with length zero is common and says what everybody takes it for: the field goes.
    private func checkLength(
        _ declared: BodyFraming,
        _ fields: inout FieldTable
    ) throws(ParseError) {
        if status >= 200 && status != 204 { return }
        guard status == 204, declared == .length(0) else { throw .lengthWithoutBody }
        fields[known.index(.contentLength)].isRemoved = true
    }
}
