/// One field line as it stood on the wire, without the blanks around its value.
package struct HTTPField: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A start line and its fields, with the bytes that they came as.
package struct MessageHead: Sendable, Equatable {
    /// All of the head with the empty line that ends it.
    package let bytes: [UInt8]
    package let startLine: String
    package let fields: [HTTPField]

    /// All values of a field, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The first value of a field.
    package subscript(name: String) -> String? { values(name).first }

    /// The members of a comma-separated field, lower case.
    package func members(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }
            .map { $0.trimmingBlanks().lowercased() }
    }

    /// How the body's end is told by the fields; nil when they do not tell it.
    ///
    /// RFC 9112 §6.3, as strict as it allows: one of both lengths, once, or the message is bad.
    package func framing() throws -> MessageFraming? {
        let codings = values("Transfer-Encoding")
        let lengths = values("Content-Length")
        guard codings.isEmpty || lengths.isEmpty else {
            throw WireFailure.malformed("both lengths in \(startLine)")
        }
        if !codings.isEmpty {
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw WireFailure.malformed("Transfer-Encoding \(codings)")
            }
            return .chunked
        }
        guard let first = lengths.first else { return nil }
        guard lengths.count == 1, first.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(first)
        else { throw WireFailure.malformed("Content-Length \(lengths)") }
        return .length(length)
    }
}

/// How the end of a body is known.
package enum MessageFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

extension StringProtocol {
    /// The text without blanks and tabs at its ends.
    package func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let head = drop(while: isBlank)
        return String(head.reversed().drop(while: isBlank).reversed())
    }
}
