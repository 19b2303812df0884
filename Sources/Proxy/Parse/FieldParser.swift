/// Reads the field lines of a head; what the known fields say is checked by their readers.
enum FieldParser {
    /// Reads the lines from `start` up to and with the empty line.
    ///
    /// - Returns: the offset behind the empty line, or nil when bytes are missing.
    /// - Throws: when a line is malformed or there are more than `limit` of them.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int,
        into fields: inout FieldTable,
        _ known: inout KnownFields
    ) throws(ParseError) -> Int? {
        let limit = min(limit, FieldTable.capacityLimit)
        var lineStart = start
        while true {
            guard lineStart < bytes.count else { return nil }
            if bytes[lineStart] == .carriageReturn {
                return try lineFeedFollows(bytes, lineStart) ? lineStart &+ 2 : nil
            }
            guard let (nameEnd, name) = try name(bytes, from: lineStart) else { return nil }
            if fields.count >= limit { throw .tooManyFields }
            guard let (value, lineEnd) = try value(bytes, from: nameEnd &+ 1) else {
                return nil
            }
            let field = Field(
                name: ByteRange(lineStart, nameEnd),
                value: value,
                lineEnd: UInt32(truncatingIfNeeded: lineEnd),
                known: name,
                isRemoved: name.rules.contains(.hopByHop)
            )
            if name != .other { known.note(name, at: fields.count) }
            fields.append(field)
            lineStart = lineEnd
        }
    }

    /// The end of the name that begins at `start`, which a colon follows.
    @inline(__always)
    private static func name(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        let (end, key) = commonName(bytes, from: start)
        if end > start, end < bytes.count, bytes[end] == .colon {
            return (end, FieldName(key))
        }
        return try uncommonName(bytes, from: start)
    }

    /// The end of the letters and hyphens from `start`, and their key.
    @inline(__always)
    static func commonName(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, key: NameKey) {
        let block = bytes.block(at: start)
        let marks = block.uncommonInNames
        let (first, second) = block.lowercasedWords
        let count = marks.first
        if count < 8 { return (start &+ count, NameKey(first: first.prefix(count))) }
        var key = NameKey(first: first, second: second)
        if count < 16 {
            key.second = second.prefix(count &- 8)
            return (start &+ count, key)
        }
        let rest = bytes.block(at: start &+ 16)
        let restCount = rest.uncommonInNames.first
        if restCount < 8 { key.third = rest.lowercasedWords.first.prefix(restCount) }
        if restCount < 16 { return (start &+ 16 &+ restCount, restCount < 8 ? key : NameKey()) }
        return (longNameEnd(bytes, from: start &+ 32), NameKey())
    }

    /// The end of the letters and hyphens of a name that is longer than any known one.
    @inline(never)
    private static func longNameEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while true {
            let count = bytes.block(at: end).uncommonInNames.first
            end &+= count
            if count < 16 { return end }
        }
    }

    /// As `name`, for names with digits or rarer bytes, and for malformed ones.
    @inline(never)
    private static func uncommonName(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        if bytes[start].isBlank { throw .foldedField }
        var end = start
        while end < bytes.count, ByteClass.token.contains(bytes[end]) { end &+= 1 }
        guard end < bytes.count else { return nil }
        switch bytes[end] {
        case .colon where end > start: break
        case .space, .tab: throw .spaceBeforeColon
        case .carriageReturn, .lineFeed: throw .bareLineBreak
        default: throw .badFieldName
        }
        let name = FieldName(NameKey(bytes, start..<end))
        let twin = FieldName(NameKey(bytes, start..<end, underscoresAsHyphens: true))
        if twin != name, twin.rules.contains(.noUnderscore) { throw .ambiguousFieldName }
        return (end, name)
    }

    /// The value from `start`, without the blanks around it, and the offset behind its CRLF.
    @inline(__always)
    private static func value(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (value: ByteRange, lineEnd: Int)? {
        guard let lineBreak = try textEnd(bytes, from: start) else { return nil }
        // Nearly always there is one space.
        var valueStart = bytes[start] == .space ? start &+ 1 : start
        while valueStart < lineBreak, bytes[valueStart].isBlank { valueStart &+= 1 }
        var valueEnd = lineBreak
        while valueEnd > valueStart, bytes[valueEnd &- 1].isBlank { valueEnd &-= 1 }
        return (ByteRange(valueStart, valueEnd), lineBreak &+ 2)
    }

    /// The offset of the CRLF that ends the text from `start`; nil when bytes are missing.
    @inline(__always)
    static func textEnd(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        var end = start
        while true {
            let count = bytes.block(at: end).controls.first
            end &+= count
            if count == 16 { continue }
            guard end < bytes.count else { return nil }
            switch bytes[end] {
            case .carriageReturn: return try lineFeedFollows(bytes, end) ? end : nil
            case .tab: end &+= 1
            case .lineFeed: throw .bareLineBreak
            default: throw .badFieldValue
            }
        }
    }

    /// Whether the CR at `offset` has its LF; false when that byte is missing.
    @inline(__always)
    static func lineFeedFollows(
        _ bytes: Span<UInt8>,
        _ offset: Int
    ) throws(ParseError) -> Bool {
        guard offset &+ 1 < bytes.count else { return false }
        if bytes[offset &+ 1] != .lineFeed { throw .bareLineBreak }
        return true
    }
}

extension NameKey {
    /// The key of any run of bytes, one by one; empty for one that no known name is as long as.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, underscoresAsHyphens: Bool = false) {
        self.init()
        guard range.count < Self.byteLimit else { return }
        for (index, offset) in range.enumerated() {
            var byte = bytes[offset].lowercased
            if underscoresAsHyphens, byte == 0x5F { byte = 0x2D }
            let bits = UInt64(byte) &<< UInt64(truncatingIfNeeded: index &<< 3)
            switch index / 8 {
            case 0: first.bits |= bits
            case 1: second.bits |= bits
            default: third.bits |= bits
            }
        }
    }
}
