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
        while bytes.byte(at: lineStart) != .carriageReturn {
            guard let (nameEnd, name) = try name(bytes, from: lineStart) else { return nil }
            if fields.count >= limit { throw .tooManyFields }
            guard let (value, lineEnd) = try value(bytes, behind: nameEnd) else { return nil }
            var field = Field(
                name: ByteRange(lineStart, nameEnd),
                value: value,
                lineEnd: UInt32(truncatingIfNeeded: lineEnd),
                known: name,
                isRemoved: false
            )
            if name != .other {
                let rules = name.rules
                if rules.contains(.singleValued), known.names.contains(name) {
                    throw .repeatedField
                }
                field.isRemoved = rules.contains(.hopByHop)
                known.note(name, at: fields.count)
            }
            fields.append(field)
            lineStart = lineEnd
        }
        return try lineFeedFollows(bytes, lineStart) ? lineStart &+ 2 : nil
    }

    /// The end of the name that begins at `start`, which a colon follows.
    @inline(__always)
    private static func name(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        let block = bytes.block(at: start)
        let count = block.uncommonInNames.first
        if count == 16 { return try longName(bytes, from: start) }
        let end = start &+ count
        if bytes.byte(at: end) != .colon || count == 0 {
            return try uncommonName(bytes, from: start)
        }
        let (first, second) = block.lowercasedWords
        guard FieldName.mayBeKnown(first, count: count) else { return (end, .other) }
        if count < 8 { return (end, FieldName(short: first.prefix(count))) }
        return (end, FieldName(NameKey(first: first, second: second.prefix(count &- 8))))
    }

    /// As `name`, from sixteen bytes on.
    @inline(never)
    private static func longName(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        let rest = bytes.block(at: start &+ 16)
        var count = 16 &+ rest.uncommonInNames.first
        if count == 32 { count = longNameEnd(bytes, from: start &+ 32) &- start }
        let end = start &+ count
        guard bytes.byte(at: end) == .colon else { return try uncommonName(bytes, from: start) }
        let (first, second) = bytes.block(at: start).lowercasedWords
        guard FieldName.mayBeKnown(first, count: count) else { return (end, .other) }
        // No known name has 24 bytes, so that those behind the sixteenth fit one word.
        let third = rest.lowercasedWords.first.prefix(count &- 16)
        return (end, FieldName(NameKey(first: first, second: second, third: third)))
    }

    /// The end of the letters and hyphens of a name that is longer than any known one.
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
        guard start < bytes.count else { return nil }
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

    /// The value behind the colon at `colon`, without the blanks around it, and where the line
    /// ends.
    @inline(__always)
    private static func value(
        _ bytes: Span<UInt8>,
        behind colon: Int
    ) throws(ParseError) -> (value: ByteRange, lineEnd: Int)? {
        // Nearly every value begins behind one space, and its last byte is right before its CRLF.
        // As numbers: 3A 20 and a byte above 20; from behind, 0A 0D and a byte above 20.
        let beginning = bytes.fourBytes(at: colon).byteSwapped &>> 8
        if beginning &- 0x3A_2021 <= 0xFF - 0x21 {
            let start = colon &+ 2
            let end = controlOffset(bytes, from: start)
            let ending = bytes.fourBytes(at: end &- 2) &>> 8
            if ending &- 0x0A_0D21 <= 0xFF - 0x21 { return (ByteRange(start, end), end &+ 2) }
        }
        return try uncommonValue(bytes, from: colon &+ 1)
    }

    /// As `value`, for values with tabs or blanks around them, and for malformed ones.
    @inline(never)
    private static func uncommonValue(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (value: ByteRange, lineEnd: Int)? {
        guard let lineBreak = try textEnd(bytes, from: start) else { return nil }
        var (valueStart, valueEnd) = (start, lineBreak)
        while valueStart < valueEnd, bytes[valueStart].isBlank { valueStart += 1 }
        while valueEnd > valueStart, bytes[valueEnd - 1].isBlank { valueEnd -= 1 }
        return (ByteRange(valueStart, valueEnd), lineBreak + 2)
    }

    /// The first control character from `start`, or the end of the bytes.
    @inline(__always)
    private static func controlOffset(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var offset = start
        while true {
            let marks = bytes.block(at: offset).controls
            if !marks.isEmpty { return offset &+ marks.first }
            offset &+= 16
        }
    }

    /// The offset of the CRLF that ends the text from `start`; nil when bytes are missing.
    @inline(__always)
    static func textEnd(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        var end = controlOffset(bytes, from: start)
        while bytes.byte(at: end) == .tab { end = controlOffset(bytes, from: end &+ 1) }
        guard end < bytes.count else { return nil }
        switch bytes[end] {
        case .carriageReturn: return try lineFeedFollows(bytes, end) ? end : nil
        case .lineFeed: throw .bareLineBreak
        default: throw .badFieldValue
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
