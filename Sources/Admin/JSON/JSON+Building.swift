import Proxy

// MARK: Building

extension JSON: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(members.map { (name: $0.0, value: $0.1) })
    }

    init(_ text: String?) { self = text.map(JSON.string) ?? .null }
    init(_ number: some FixedWidthInteger) { self = .number(number) }
    init(_ number: Double) { self = .number(number) }

    /// The object with one more member.
    func adding(_ name: String, _ value: JSON) -> JSON {
        .object((members ?? []).map { ($0.name, $0.value) } + [(name, value)])
    }

    /// The text on one line, without blanks.
    var line: String {
        switch kind {
        case .null: "null"
        case .bool(let claim): String(claim)
        case .number(let text): text
        case .string(let text): JSON.quoted(text)
        case .array(let elements): "[" + elements.map(\.line).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(JSON.quoted($0.name)):\($0.value.line)" }.joined(separator: ",")
                + "}"
        }
    }
}

// MARK: Reading

extension JSON {
    /// The value of a member; nil when this is no object or has none of that name.
    subscript(_ name: String) -> JSON? { members?.first { $0.name == name }?.value }

    var isNull: Bool { kind == .null }

    var string: String? {
        guard case .string(let text) = kind else { return nil }
        return text
    }

    var bool: Bool? {
        guard case .bool(let claim) = kind else { return nil }
        return claim
    }

    var array: [JSON]? {
        guard case .array(let elements) = kind else { return nil }
        return elements
    }

    var members: [Member]? {
        guard case .object(let members) = kind else { return nil }
        return members
    }
}
