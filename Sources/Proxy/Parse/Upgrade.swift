/// What a request asks to turn its connection into (RFC 9110 §7.8).
enum Upgrade: Equatable {
    case none, websocket, other

    /// Reads all Upgrade fields.
    ///
    /// - Throws: when one is not a list of protocols, each a token with a version or without.
    @inline(never)
    static func parse(
        _ bytes: Span<UInt8>,
        _ fields: borrowing FieldTable
    ) throws(ParseError) -> Upgrade {
        var names = UpgradeNames()
        for index in 0..<fields.count where fields[index].known == .upgrade {
            try names.read(bytes, fields[index].value.range)
        }
        // An endpoint that took up h2c would carry requests through us unseen, so with h2c in the
        // list nothing of it is passed on; a recipient may always ignore Upgrade.
        if names.count == 0 || names.hasHTTP2 { return .none }
        return names.count == 1 && names.hasWebSocket ? .websocket : .other
    }
}

/// The protocols that the Upgrade fields of one head name.
private struct UpgradeNames {
    var count = 0
    var hasWebSocket = false
    var hasHTTP2 = false

    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = Self.elementEnd(bytes, start..<range.upperBound)
            try add(bytes, start..<end)
            start = end + 1
            if start == range.upperBound { throw .badUpgrade }
        }
    }

    private static func elementEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != .comma { end += 1 }
        return end
    }

    private mutating func add(_ bytes: Span<UInt8>, _ element: Range<Int>) throws(ParseError) {
        let name = try Self.token(bytes, element.trimmed(bytes))
        count += 1
        let key = NameKey(bytes, name)
        if key.first == ByteWord("websocke"), key.second == ByteWord("t") { hasWebSocket = true }
        if key.first == ByteWord("h2c") || key.first == ByteWord("h2") { hasHTTP2 = true }
        if key.first == ByteWord("http") { hasHTTP2 = true }
    }

    /// The name of a protocol, whose version may follow a slash.
    private static func token(
        _ bytes: Span<UInt8>,
        _ element: Range<Int>
    ) throws(ParseError) -> Range<Int> {
        var end = element.lowerBound
        while end < element.upperBound, ByteClass.token.contains(bytes[end]) { end += 1 }
        let name = element.lowerBound..<end
        if name.isEmpty { throw .badUpgrade }
        if end == element.upperBound { return name }
        let version = (end + 1)..<element.upperBound
        guard bytes[end] == UInt8(ascii: "/"), !version.isEmpty else { throw .badUpgrade }
        for offset in version where !ByteClass.token.contains(bytes[offset]) { throw .badUpgrade }
        return name
    }
}

extension Range<Int> {
    /// The same run of bytes without the blanks around it.
    fileprivate func trimmed(_ bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (lowerBound, upperBound)
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        return start..<end
    }
}
