/// Reads JSON (RFC 8259) with the place of every value.
///
/// Why not Foundation's decoder: it drops a member that occurs twice, which hides the very mistake
/// that merging two files makes, and it names no line for a wrong value.
package struct JSONParser {
    package struct Failure: Error, Equatable {
        package let offset: Int
        package let found: String
        package let message: String
    }

    /// Nested arrays and objects; our own file has 6 levels.
    static let depthLimit = 32

    private let text: [UInt8]
    private var next = 0
    private var depth = 0

    private init(_ text: [UInt8]) { self.text = text }

    /// Throws at the first place that is not JSON.
    package static func parse(_ text: [UInt8]) throws(Failure) -> JSON {
        var parser = JSONParser(text)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { parser.next = 3 }
        let value = try parser.value()
        parser.skipBlanks()
        guard parser.next == text.count else {
            throw parser.failure("remove what follows the closing bracket")
        }
        return value
    }

    private mutating func value() throws(Failure) -> JSON {
        skipBlanks()
        let start = next
        switch peek {
        case UInt8(ascii: "{"): return JSON(kind: .object(try members()), offset: start)
        case UInt8(ascii: "["): return JSON(kind: .array(try elements()), offset: start)
        case UInt8(ascii: "\""): return JSON(kind: .string(try string()), offset: start)
        case let byte? where byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10:
            return JSON(kind: .number(try number()), offset: start)
        default:
            if take("null") { return JSON(kind: .null, offset: start) }
            if take("true") { return JSON(kind: .bool(true), offset: start) }
            if take("false") { return JSON(kind: .bool(false), offset: start) }
            throw failure("write a value: an object, a list, a string in quotes or a number")
        }
    }

    private mutating func members() throws(Failure) -> [JSON.Member] {
        var members: [JSON.Member] = []
        try open()
        while try !close("}", after: !members.isEmpty) {
            let offset = next
            guard peek == UInt8(ascii: "\"") else { throw failure("write a key in double quotes") }
            let name = try string()
            skipBlanks()
            guard take(":") else { throw failure("write `:` after the key") }
            members.append(JSON.Member(name: name, offset: offset, value: try value()))
        }
        return members
    }

    private mutating func elements() throws(Failure) -> [JSON] {
        var elements: [JSON] = []
        try open()
        while try !close("]", after: !elements.isEmpty) { elements.append(try value()) }
        return elements
    }

    private mutating func open() throws(Failure) {
        depth += 1
        guard depth <= Self.depthLimit else {
            throw failure("nest at most \(Self.depthLimit) levels of objects and lists")
        }
        next += 1
    }

    /// Takes `bracket`, or the comma that has to stand before a further item.
    private mutating func close(
        _ bracket: String,
        after hasItem: Bool
    ) throws(Failure) -> Bool {
        skipBlanks()
        if take(bracket) {
            depth -= 1
            return true
        }
        guard hasItem else { return false }
        guard take(",") else { throw failure("write `,` or `\(bracket)`") }
        skipBlanks()
        guard peek != UInt8(ascii: "}"), peek != UInt8(ascii: "]") else {
            throw failure("remove the comma before it")
        }
        return false
    }

    private mutating func number() throws(Failure) -> String {
        let start = next
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: text[start..<next], as: UTF8.self)
    }

    private mutating func digits() throws(Failure) {
        let start = next
        while let byte = peek, byte &- UInt8(ascii: "0") < 10 { next += 1 }
        guard next > start else { throw failure("write a digit") }
    }

    private mutating func string() throws(Failure) -> String {
        var bytes: [UInt8] = []
        next += 1
        while let byte = peek, byte >= 0x20 {
            if take("\"") {
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw failure("save the file as UTF-8")
                }
                return string
            }
            next += 1
            if byte == UInt8(ascii: "\\") {
                bytes += String(try escaped()).utf8
            } else {
                bytes.append(byte)
            }
        }
        throw failure("close the string with `\"` on its line, or write `\\n` for a line break")
    }

    private mutating func escaped() throws(Failure) -> Character {
        if take("n") { return "\n" }
        if take("t") { return "\t" }
        if take("r") { return "\r" }
        if take("b") { return "\u{8}" }
        if take("f") { return "\u{C}" }
        if take("u") { return Character(try unicodeEscape()) }
        guard let byte = peek, "\"\\/".utf8.contains(byte) else {
            throw failure("write `\\\\` for a backslash")
        }
        next += 1
        return Character(UnicodeScalar(byte))
    }

    private mutating func unicodeEscape() throws(Failure) -> UnicodeScalar {
        let high = try fourHexDigits()
        if let scalar = UnicodeScalar(high) { return scalar }
        if high < 0xDC00, take("\\u"), case let low = try fourHexDigits(), low & 0xFC00 == 0xDC00,
            let scalar = UnicodeScalar(0x10000 + (high & 0x3FF) << 10 + low & 0x3FF)
        {
            return scalar
        }
        throw failure("write both halves of a surrogate pair")
    }

    private mutating func fourHexDigits() throws(Failure) -> UInt32 {
        let digits = String(decoding: text[next..<min(next + 4, text.count)], as: UTF8.self)
        guard digits.utf8.count == 4, !digits.hasPrefix("+"), let value = UInt32(digits, radix: 16)
        else { throw failure("write four hexadecimal digits") }
        next += 4
        return value
    }

    private mutating func skipBlanks() {
        while let byte = peek, " \t\n\r".utf8.contains(byte) { next += 1 }
    }

    private var peek: UInt8? { next < text.count ? text[next] : nil }

    private mutating func take(_ word: String) -> Bool {
        guard text[next...].starts(with: word.utf8) else { return false }
        next += word.utf8.count
        return true
    }

    private func failure(_ message: String) -> Failure {
        guard let byte = peek else {
            return Failure(offset: text.count, found: "the end of the file", message: message)
        }
        if text[next...].starts(with: "//".utf8) || text[next...].starts(with: "/*".utf8) {
            return Failure(offset: next, found: "a comment", message: "remove it, JSON has none")
        }
        let isText = byte > 0x20 && byte < 0x7F
        let found = isText ? "`\(UnicodeScalar(byte))`" : "the byte 0x\(String(byte, radix: 16))"
        return Failure(offset: next, found: found, message: message)
    }
}
