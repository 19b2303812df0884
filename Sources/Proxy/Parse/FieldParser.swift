/// Reads the field lines of a head into a table, and remembers which known names occurred.
///
/// Bytes and line ends are checked here; what the known fields say is checked by their readers.
struct FieldParser {
    /// The known names that occurred at all, and those that did more than once.
    private(set) var seen = FieldNameSet()
    private(set) var repeated = FieldNameSet()
    /// The last field of each known name; meaningful where `seen` has the name.
    private var lastIndex = [32 of UInt8](repeating: 0)

    init() {}

    /// The last field of this name, or -1.
    @inline(__always)
    func index(_ name: FieldName) -> Int {
        seen.contains(name) ? Int(lastIndex[Int(name.rawValue)]) : -1
    }

    /// Reads the lines from `start` up to and with the empty line.
    ///
    /// - Returns: the offset behind the empty line, or nil when bytes are missing.
    /// - Throws: when a line is malformed or there are more than `limit` of them.
    @inline(__always)
    mutating func parse(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int,
        into fields: inout FieldTable
    ) throws(ParseError) -> Int? {
        let limit = min(limit, FieldTable.capacityLimit)
        var lineStart = start
        while true {
            guard let (nameEnd, known) = try Self.name(bytes, from: lineStart) else { return nil }
            if nameEnd == lineStart { return lineStart &+ 2 }
            if fields.count >= limit { throw .tooManyFields }
            guard let (value, lineEnd) = try Self.value(bytes, from: nameEnd &+ 1) else {
                return nil
            }
            let field = Field(
                name: ByteRange(lineStart, nameEnd),
                value: value,
                lineEnd: UInt32(truncatingIfNeeded: lineEnd),
                known: known,
                isRemoved: known.rules.contains(.hopByHop)
            )
            if known != .other { note(known, at: fields.count) }
            fields.append(field)
            lineStart = lineEnd
        }
    }

    @inline(__always)
    private mutating func note(_ name: FieldName, at index: Int) {
        if seen.contains(name) { repeated.insert(name) }
        seen.insert(name)
        lastIndex[Int(name.rawValue)] = UInt8(truncatingIfNeeded: index)
    }

    /// The end of the name that begins at `start`, which a colon follows; `start` at an empty line.
    @inline(__always)
    private static func name(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        var key = NameKey()
        let end = commonNameEnd(bytes, from: start, key: &key)
        if end > start, end < bytes.count, bytes[end] == .colon {
            return (end, FieldName(key))
        }
        return try uncommonName(bytes, from: start)
    }

    /// Reads letters and hyphens from `start`, and gives what they are as a known name.
    @inline(__always)
    static func commonNameEnd(_ bytes: Span<UInt8>, from start: Int, key: inout NameKey) -> Int {
        let first = bytes.word(at: start)
        var marks = first.uncommonNameMarks
        if marks != 0 {
            let count = ByteWord.firstMark(marks)
            key.first = first.lowercased.prefix(count)
            return start &+ count
        }
        key.first = first.lowercased
        let second = bytes.word(at: start &+ 8)
        marks = second.uncommonNameMarks
        if marks != 0 {
            let count = ByteWord.firstMark(marks)
            key.second = second.lowercased.prefix(count)
            return start &+ 8 &+ count
        }
        key.second = second.lowercased
        let third = bytes.word(at: start &+ 16)
        marks = third.uncommonNameMarks
        if marks != 0 {
            let count = ByteWord.firstMark(marks)
            key.third = third.lowercased.prefix(count)
            return start &+ 16 &+ count
        }
        // No known name is as long as this one.
        key.third = third.lowercased
        var end = start &+ 24
        while true {
            marks = bytes.word(at: end).uncommonNameMarks
            if marks != 0 { return end &+ ByteWord.firstMark(marks) }
            end &+= 8
        }
    }

    /// As `name`, for the empty line, for names with digits or rarer bytes, and for malformed ones.
    @inline(never)
    private static func uncommonName(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(ParseError) -> (end: Int, known: FieldName)? {
        guard start < bytes.count else { return nil }
        if bytes[start] == .carriageReturn {
            return try lineFeedFollows(bytes, start) ? (start, .other) : nil
        }
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
        var valueStart = start
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
            let marks = bytes.word(at: end).controlMarks
            if marks == 0 {
                end &+= 8
                continue
            }
            end &+= ByteWord.firstMark(marks)
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

/// A set of known field names.
struct FieldNameSet: Equatable {
    private var bits: UInt64 = 0

    init() {}

    @inline(__always)
    func contains(_ name: FieldName) -> Bool { bits &>> UInt64(name.rawValue) & 1 != 0 }

    @inline(__always)
    mutating func insert(_ name: FieldName) { bits |= 1 &<< UInt64(name.rawValue) }

    var isEmpty: Bool { bits == 0 }
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
