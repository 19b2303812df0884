/// The head of a request, as offsets into the bytes it was read from.
struct RequestHead {
    let line: RequestLine
    private var known = KnownFields()
    /// The host and port that the request is for; empty where HTTP/1.0 leaves them out.
    private(set) var authority = ByteRange.empty
    /// Everything up to and with the empty line, and an empty line before the request line too.
    private(set) var byteCount = 0
    private(set) var framing = BodyFraming.none
    private(set) var upgrade = Upgrade.none
    /// Whether the connection may serve another request.
    private(set) var keepAlive: Bool
    /// Whether the downstream waits for a 100 before it sends its body.
    private(set) var expectsContinue = false
    /// How often OPTIONS or TRACE may be forwarded (RFC 9110 §7.6.2); -1 where nothing says so.
    private(set) var maxForwards: Int32 = -1

    /// Larger ones are forwarded as this: no chain of servers is as long.
    static let maxForwardsLimit: Int32 = 999

    var method: Method { line.method }
    var methodBytes: ByteRange { line.methodBytes }
    var target: ByteRange { line.target.range }
    var form: TargetForm { line.target.form }
    /// The target's path, without its query; empty stands for `/` (an absolute target without one).
    var path: ByteRange { line.target.path }
    var version: HTTPVersion { line.version }

    // Places in the field table, -1 where there is no such field; the last one of several.
    var host: Int { known.index(.host) }
    var forwardedFor: Int { known.index(.xForwardedFor) }
    var forwardedProto: Int { known.index(.xForwardedProto) }
    var forwardedHost: Int { known.index(.xForwardedHost) }
    var cookie: Int { known.index(.cookie) }

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
        guard let line = try RequestLine.parse(window, targetLimit: limits.targetBytes) else {
            return try incomplete(bytes, limits)
        }
        var head = RequestHead(line)
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
        try head.readHost(window, fields)
        if !head.known.names.isDisjoint(with: namesThatSteer) {
            try head.readSteering(window, &fields)
        }
        return head
    }

    @inline(__always)
    init(_ line: RequestLine) {
        self.line = line
        keepAlive = line.version == .http11
    }

    private static func incomplete(
        _ bytes: Span<UInt8>,
        _ limits: HeadLimits
    ) throws(ParseError) -> RequestHead? {
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return nil
    }

    /// The names that say how the message ends and what becomes of the connection.
    private static var namesThatSteer: FieldNameSet {
        FieldNameSet().with(.connection).with(.contentLength).with(.transferEncoding)
            .with(.upgrade).with(.expect).with(.maxForwards)
    }

    @inline(never)
    private mutating func readSteering(
        _ bytes: Span<UInt8>,
        _ fields: inout FieldTable
    ) throws(ParseError) {
        framing = try .declared(bytes, known, fields, version: version) ?? .none
        // RFC 9110 §9.3.8 forbids it, and servers differ in whether they read such a body.
        if method == .trace, !framing.isEmpty { throw .bodyOfTrace }
        let options = try ConnectionOptions.parse(bytes, known, &fields)
        keepAlive = options.persists(version)
        if known.names.contains(.upgrade) {
            let asked = try Upgrade.parse(bytes, fields)
            if options.upgrade && version == .http11 && framing.isEmpty { upgrade = asked }
        }
        if known.names.contains(.expect), version == .http11 {
            try checkExpectation(bytes, fields)
            expectsContinue = !framing.isEmpty
        }
        if known.names.contains(.maxForwards), method == .options || method == .trace {
            maxForwards = try readMaxForwards(bytes, fields)
        }
    }

    @inline(never)
    private mutating func readHost(
        _ bytes: Span<UInt8>,
        _ fields: borrowing FieldTable
    ) throws(ParseError) {
        // RFC 9112 §3.2.2: an absolute target wins over the field.
        authority = line.target.authority
        let index = known.index(.host)
        if index < 0 {
            // RFC 9112 §3.2: the field may be missing in HTTP/1.0 alone.
            if version == .http11 { throw .missingHost }
            return
        }
        let host = fields[index].value
        if !host.isEmpty {
            try Authority.check(bytes, host.range)
        } else if form == .absolute {
            throw .badHost
        }
        if form != .absolute { authority = host }
    }

    private func readMaxForwards(
        _ bytes: Span<UInt8>,
        _ fields: borrowing FieldTable
    ) throws(ParseError) -> Int32 {
        if known.repeated.contains(.maxForwards) { throw .badMaxForwards }
        var number: Int32 = 0
        for index in 0..<fields.count where fields[index].known == .maxForwards {
            let value = fields[index].value.range
            if value.isEmpty { throw .badMaxForwards }
            for offset in value {
                if !bytes[offset].isDigit { throw .badMaxForwards }
                number = min(number &* 10 &+ Int32(bytes[offset] &- 0x30), Self.maxForwardsLimit)
            }
        }
        return number
    }

    private func checkExpectation(
        _ bytes: Span<UInt8>,
        _ fields: borrowing FieldTable
    ) throws(ParseError) {
        let value = fields[known.index(.expect)].value.range
        let isContinue =
            NameKey(bytes, value)
            == NameKey(first: ByteWord("100-cont"), second: ByteWord("inue"))
        if !isContinue { throw .unknownExpectation }
    }
}
