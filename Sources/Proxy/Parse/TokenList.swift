/// Walks through a list of tokens, separated by commas and optional blanks (RFC 9110 §5.6.1).
///
/// Stricter than the RFC: an empty element is malformed.
struct TokenList {
    private var offset: Int
    private let end: Int
    private var hasComma = false
    private(set) var isMalformed = false

    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Whether the last token was given out.
    var isAtEnd: Bool { offset == end && !hasComma }

    /// The next token; nil at the end and where the list is malformed.
    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        if isAtEnd || isMalformed { return nil }
        let start = offset
        while offset < end, ByteClass.token.contains(bytes[offset]) { offset &+= 1 }
        let token = start..<offset
        skipBlanks(bytes)
        hasComma = offset < end && bytes[offset] == .comma
        isMalformed = token.isEmpty || offset < end && !hasComma
        if hasComma {
            offset &+= 1
            skipBlanks(bytes)
        }
        return isMalformed ? nil : token
    }

    private mutating func skipBlanks(_ bytes: Span<UInt8>) {
        while offset < end, bytes[offset].isBlank { offset &+= 1 }
    }
}
