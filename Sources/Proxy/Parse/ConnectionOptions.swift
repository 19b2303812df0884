/// What the Connection fields of a head ask for (RFC 9110 §7.6.1).
struct ConnectionOptions {
    /// Options over all Connection fields of a head; each may cost a look at every field.
    static let countLimit = 16

    private(set) var close = false
    private(set) var keepAlive = false
    private(set) var upgrade = false
    /// Whether options name fields of this message, which stay behind.
    private var namesOtherFields = false
    private var count = 0

    /// Whether the connection outlives the message (RFC 9112 §9.3).
    func persists(_ version: HTTPVersion) -> Bool {
        !close && (version == .http11 || keepAlive)
    }

    /// Reads all Connection fields and removes the fields that they name.
    ///
    /// - Throws: when one is no list of tokens, or names a field that is meant for the other end.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>,
        _ known: KnownFields,
        _ fields: inout FieldTable
    ) throws(ParseError) -> ConnectionOptions {
        var options = ConnectionOptions()
        let index = known.index(.connection)
        if index < 0 { return options }
        if known.repeated.contains(.connection) {
            for index in 0..<fields.count where fields[index].known == .connection {
                try options.read(bytes, fields[index].value.range)
            }
        } else {
            let value = fields[index].value.range
            if options.readSingle(bytes, value) { return options }
            try options.read(bytes, value)
        }
        if options.namesOtherFields { removeNamedFields(bytes, &fields) }
        return options
    }

    /// Reads a value that is one of the options that nearly all have; false where it is not.
    @inline(__always)
    private mutating func readSingle(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let start = bytes.word(at: range.lowerBound).lowercased
        switch range.count {
        case 5 where start.prefix(5) == ByteWord("close"): close = true
        case 10 where start == ByteWord("keep-ali"):
            // The last eight of the ten bytes, which overlap with the first.
            let end = bytes.word(at: range.lowerBound &+ 2).lowercased
            if end != ByteWord("ep-alive") { return false }
            keepAlive = true
        default: return false
        }
        return true
    }

    @inline(never)
    private mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) {
        var list = TokenList(range)
        while let token = list.next(bytes) {
            count += 1
            if count > Self.countLimit { throw .tooManyConnectionOptions }
            let key = NameKey(bytes, token)
            switch FieldName(key) {
            case .keepAlive: keepAlive = true
            case .upgrade: upgrade = true
            case .other:
                if key == NameKey(first: ByteWord("close")) {
                    close = true
                } else if Self.isForwardedFamily(bytes, token) {
                    throw .connectionNamesEndToEndField
                } else {
                    namesOtherFields = true
                }
            case let name where name.rules.contains(.endToEnd):
                throw .connectionNamesEndToEndField
            case let name where name.rules.contains(.hopByHop): break
            default: namesOtherFields = true
            }
        }
        if list.isMalformed { throw .badConnectionOption }
    }

    /// Whether the name begins with `x-forwarded-`, whatever follows.
    private static func isForwardedFamily(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        let key = NameKey(bytes, name.prefix(12))
        return key.first == ByteWord("x-forwar") && key.second == ByteWord("ded-")
    }

    @inline(never)
    private static func removeNamedFields(_ bytes: Span<UInt8>, _ fields: inout FieldTable) {
        for index in 0..<fields.count where fields[index].known == .connection {
            var list = TokenList(fields[index].value.range)
            while let token = list.next(bytes) {
                for other in 0..<fields.count
                where bytes.equalIgnoringCase(fields[other].name.range, token) {
                    fields[other].isRemoved = true
                }
            }
        }
    }
}

extension Span<UInt8> {
    /// Whether two runs of bytes are the same but for the case of ASCII letters.
    func equalIgnoringCase(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for distance in 0..<left.count
        where self[left.lowerBound &+ distance].lowercased
            != self[right.lowerBound &+ distance].lowercased
        {
            return false
        }
        return true
    }
}
