/// A JSON value as it was read or will be written; objects keep the order of their members.
package struct JSON: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case null
        case bool(Bool)
        /// In its JSON spelling, so that no digit is lost.
        case number(String)
        case string(String)
        case array([JSON])
        /// A name may occur twice: whoever reads the object refuses that.
        case object([Member])
    }

    package struct Member: Sendable, Equatable {
        package let name: String
        /// Where the name starts in the text that was read.
        var offset = 0
        package var value: JSON
    }

    package let kind: Kind
    /// Where the value starts in the text that was read.
    var offset = 0

    package static var null: JSON { JSON(kind: .null) }

    package static func bool(_ value: Bool) -> JSON { JSON(kind: .bool(value)) }

    package static func string(_ value: String) -> JSON { JSON(kind: .string(value)) }

    package static func number(_ value: some FixedWidthInteger) -> JSON {
        JSON(kind: .number(String(value)))
    }

    package static func number(_ value: Double) -> JSON {
        if let whole = Int(exactly: value) { return number(whole) }
        return JSON(kind: .number(String(value)))
    }

    package static func array(_ values: [JSON]) -> JSON { JSON(kind: .array(values)) }

    package static func object(_ members: [(name: String, value: JSON)]) -> JSON {
        JSON(kind: .object(members.map { Member(name: $0.name, value: $0.value) }))
    }

    /// A whole number, also when it is written as `1.0` or `1e3`.
    package var integer: Int? {
        guard case .number(let text) = kind else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    package var double: Double? {
        guard case .number(let text) = kind else { return nil }
        return Double(text)
    }

    /// The value in a few words, for a message: containers by their kind, texts cut short.
    package var summary: String {
        switch kind {
        case .null: return "null"
        case .bool(let value): return String(value)
        case .number(let text): return text.count <= Self.summaryLimit ? text : "a long number"
        case .string(let text) where text.count <= Self.summaryLimit: return Self.quoted(text)
        case .string(let text): return Self.quoted(text.prefix(Self.summaryLimit) + "…")
        case .array([]): return "an empty list"
        case .array(let values):
            let list = "[\(values.map(\.scalarText).joined(separator: ", "))]"
            let isShort = list.count <= Self.summaryLimit && !values.contains(where: \.isContainer)
            return isShort ? list : "a list of \(values.count)"
        case .object: return "an object"
        }
    }

    /// Characters of a text that a message repeats.
    private static let summaryLimit = 60
}

// MARK: Writing

extension JSON {
    /// The text, two spaces a level, with a line of its own for each member; ends with a newline.
    package var text: String {
        var text = ""
        write(to: &text, indentation: "")
        return text + "\n"
    }

    private func write(to text: inout String, indentation: String) {
        let inner = indentation + "  "
        switch kind {
        case .array(let values) where values.contains(where: \.isContainer):
            text += "["
            for (index, value) in values.enumerated() {
                text += index == 0 ? "\n\(inner)" : ",\n\(inner)"
                value.write(to: &text, indentation: inner)
            }
            text += "\n\(indentation)]"
        case .array(let values): text += "[\(values.map(\.scalarText).joined(separator: ", "))]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in members.enumerated() {
                text +=
                    (index == 0 ? "\n\(inner)" : ",\n\(inner)") + "\(Self.quoted(member.name)): "
                member.value.write(to: &text, indentation: inner)
            }
            text += "\n\(indentation)}"
        case .object: text += "{}"
        case .null, .bool, .number, .string: text += scalarText
        }
    }

    private var isContainer: Bool {
        switch kind {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }

    private var scalarText: String {
        switch kind {
        case .bool(let value): String(value)
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .null, .array, .object: "null"
        }
    }

    /// As a JSON string; safe on a terminal too, since no control character is left.
    package static func quoted(_ text: some StringProtocol) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
