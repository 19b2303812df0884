/// Why a text is not JSON, and where.
package struct JSONFailure: Error, Equatable {
    package let offsetBytes: Int
    package let reason: String
}

/// Reads JSON text (RFC 8259) strictly: no duplicate keys, no trailing text, bounded nesting.
struct JSONReader {
    /// Deepest nesting; the admin port's bodies need one, answers need five.
    static let depthLimit = 32

    private let bytes: [UInt8]
    private var offset = 0

    static func read(_ bytes: [UInt8]) throws(JSONFailure) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.offset == bytes.count else { throw reader.failure("text after the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func failure(_ reason: String) -> JSONFailure {
        JSONFailure(offsetBytes: offset, reason: reason)
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: expected) else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFailure) -> JSONValue {
        guard depth < Self.depthLimit else { throw failure("nested too deeply") }
        skipSpace()
        guard let byte = next else { throw failure("the text ends early") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("not a value")
        }
    }

    private mutating func word(
        _ text: String,
        _ value: JSONValue
    ) throws(JSONFailure) -> JSONValue {
        guard bytes[offset...].starts(with: text.utf8) else { throw failure("not a value") }
        offset += text.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONFailure) -> JSONValue {
        offset += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing") }
            let key = try string()
            guard !members.contains(where: { $0.key == key }) else {
                throw failure("the key \"\(key)\" stands twice")
            }
            skipSpace()
            guard take(":") else { throw failure("a colon is missing after the key") }
            members.append(JSONValue.Member(key, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("a comma or } is missing") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONFailure) -> JSONValue {
        offset += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("a comma or ] is missing") }
        return .array(elements)
    }

    private mutating func number() throws(JSONFailure) -> JSONValue {
        let start = offset
        _ = take("-")
        if !take("0") { try digits() }
        var isInteger = true
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw failure("the number is too large")
        }
        return .number(number)
    }

    private mutating func digits() throws(JSONFailure) {
        let start = offset
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            offset += 1
        }
        guard offset > start else { throw failure("a digit is missing") }
    }
}

// MARK: Strings

extension JSONReader {
    private mutating func string() throws(JSONFailure) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("the string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                offset += 1
                text += String(Character(try escape())).utf8
            case 0..<0x20: throw failure("a control character has to be escaped")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure("a string has no closing quote")
    }

    private mutating func escape() throws(JSONFailure) -> Unicode.Scalar {
        guard let byte = next else { throw failure("the text ends early") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an unknown escape")
        }
    }

    /// The scalar of `\uXXXX`, or of a surrogate pair of them; a lone surrogate is refused.
    private mutating func unicodeEscape() throws(JSONFailure) -> Unicode.Scalar {
        let high = try codeUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard UTF16.isLeadSurrogate(high), take("\\"), take("u") else {
            throw failure("half of a surrogate pair")
        }
        let low = try codeUnit()
        guard UTF16.isTrailSurrogate(low) else { throw failure("half of a surrogate pair") }
        return UTF16.decode(UTF16.EncodedScalar([high, low]))
    }

    private mutating func codeUnit() throws(JSONFailure) -> UInt16 {
        guard offset + 4 <= bytes.count else { throw failure("the text ends early") }
        var unit: UInt16 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u needs four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        offset += 4
        return unit
    }
}

extension JSONValue {
    /// Reads JSON text; throws where it is not JSON.
    package static func read(_ bytes: [UInt8]) throws(JSONFailure) -> JSONValue {
        try JSONReader.read(bytes)
    }
}
