/// The rules for texts: names, paths, hosts and what else goes into a head.
extension ConfigRule<String> {
    /// Of a service or a slot; it becomes a label of metrics, a part of admin paths and a field value.
    static var name: ConfigRule {
        text(
            "a name of at most \(ConfigLimits.nameBytes) letters, digits, `_`, `.` or `-`",
            TextClass(first: "A-Za-z0-9", rest: "A-Za-z0-9_.-", limit: ConfigLimits.nameBytes)
        )
    }

    /// Of a route; it becomes a label of metrics, and may look like the match that it stands for.
    static var routeName: ConfigRule {
        text(
            "a name of at most \(ConfigLimits.nameBytes) printable characters without blanks",
            TextClass(first: "!-~", rest: "!-~", limit: ConfigLimits.nameBytes)
        )
    }

    /// RFC 9110 §5.1: a token; in lower case, since fields are compared in any case.
    static var fieldName: ConfigRule {
        tokenText("the name of a header, such as \"X-User\"").lowercased
    }

    /// The name of a field that we set or take away, as written; not one that frames a message.
    static var ownFieldName: ConfigRule {
        let rule = tokenText("the name of a header of your own, such as \"X-Slot\"")
        return ConfigRule(
            rule.expected,
            schema: .object([
                ("allOf", .array([rule.schema])),
                ("not", .object([("enum", .array(ReservedField.names.map { .string($0) }))])),
            ]),
            read: { json in
                guard let text = json.string, rule.accepts(text), !ReservedField.contains(text)
                else { return nil }
                return text
            },
            write: rule.write
        )
    }

    /// RFC 6265 §4.1.1: a token, and its case counts.
    static var cookieName: ConfigRule { tokenText("the name of a cookie, such as \"session\"") }

    /// RFC 9110 §9.1 counts case; in lower case it would be a mistake.
    static var method: ConfigRule {
        text(
            "a method in capitals, such as \"GET\"",
            TextClass(first: "A-Z", rest: "A-Z0-9_-", limit: 32)
        )
    }

    /// A path as it stands in a request, percent-encoded and without a query.
    static var path: ConfigRule {
        text(
            "a path that starts with `/`, percent-encoded and without `?` and `#`",
            TextClass(first: "/", rest: "!\"$->@-~", limit: ConfigLimits.pathBytes)
        )
    }

    /// RFC 9110 §5.5, in ASCII and without the blanks around it.
    static var fieldValue: ConfigRule {
        ConfigRule(
            "a header's value: printable ASCII without spaces at its ends",
            schema: text(pattern: "^([!-~]([ -~]{0,1022}[!-~])?)?$"),
            read: { json in
                guard let text = json.string, text.utf8.count <= 1_024,
                    text.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }),
                    !text.hasPrefix(" "), !text.hasSuffix(" ")
                else { return nil }
                return text
            },
            write: { .string($0) }
        )
    }

    /// A path on this machine's disk.
    static func file(_ noun: String) -> ConfigRule {
        ConfigRule(
            "the path of \(noun)",
            schema: .object([("type", "string"), ("minLength", .number(1))]),
            read: { json in
                guard let text = json.string, !text.isEmpty, !text.hasSuffix("/"),
                    text.utf8.count <= ConfigLimits.pathBytes, !text.utf8.contains(0)
                else { return nil }
                return text
            },
            write: { .string($0) }
        )
    }

    /// The host of a route: a name, `*.` and a name, or an address.
    static var host: ConfigRule {
        ConfigRule(
            "a host without its port, such as \"example.org\" or \"*.example.org\"",
            schema: text(pattern: #"^((\*\.)?[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\])$"#),
            read: { json in
                guard let text = json.string?.lowercased() else { return nil }
                let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
                let isAddress = text.hasPrefix("[") && text.hasSuffix("]") && IPAddress(text) != nil
                // A name that ends with a dot is the same name: requests lose theirs as well.
                guard isAddress || (HostName.isValid(name) && !name.hasSuffix(".")) else {
                    return nil
                }
                return text
            },
            write: { .string($0) }
        )
    }

    /// A Host field's value: a host with or without a port.
    static var authority: ConfigRule {
        ConfigRule(
            "a host with or without a port, such as \"example.org\"",
            schema: text(pattern: #"^([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$"#),
            read: { json in
                guard let text = json.string else { return nil }
                let parsed = HostPort(text) ?? HostPort("\(text):80")
                return parsed.flatMap { $0.isEndpoint ? text : nil }
            },
            write: { .string($0) }
        )
    }

    static var any: ConfigRule {
        ConfigRule(
            "a string",
            schema: .object([("type", "string")]),
            read: \.string,
            write: { .string($0) }
        )
    }

    // MARK: Parts

    /// RFC 9110 §5.6.2.
    private static func tokenText(_ expected: String) -> ConfigRule {
        let token = "!#$%&'*+.^_`|~0-9A-Za-z-"
        return text(expected, TextClass(first: token, rest: token, limit: 128))
    }

    private static func text(_ expected: String, _ bytes: TextClass) -> ConfigRule {
        ConfigRule(
            expected,
            schema: text(pattern: bytes.pattern),
            read: { json in json.string.flatMap { bytes.accepts($0) ? $0 : nil } },
            write: { .string($0) }
        )
    }

    private static func text(pattern: String) -> JSON { .text(pattern: pattern) }

    private func accepts(_ text: String) -> Bool {
        var check = ConfigCheck(text: [])
        if case .value = read(.string(text), .root, &check) { return true }
        return false
    }

    private var lowercased: ConfigRule {
        ConfigRule(
            expected,
            schema: schema,
            readingParts: { json, place, check in
                read(json, place, &check).map { $0.lowercased() }
            },
            write: write
        )
    }
}

/// Which bytes a text may have: its first one, and the others.
///
/// Written as in the brackets of a regular expression, from which the schema's pattern is made.
struct TextClass {
    let pattern: String
    private let first: Set<UInt8>
    private let rest: Set<UInt8>
    private let limit: Int

    init(first: String, rest: String, limit: Int) {
        pattern = "^[\(first)][\(rest)]{0,\(limit - 1)}$"
        self.first = Self.members(first)
        self.rest = Self.members(rest)
        self.limit = limit
    }

    func accepts(_ text: String) -> Bool {
        guard let head = text.utf8.first, text.utf8.count <= limit else { return false }
        return first.contains(head) && text.utf8.dropFirst().allSatisfy(rest.contains)
    }

    private static func members(_ brackets: String) -> Set<UInt8> {
        var members: Set<UInt8> = []
        var bytes = Array(brackets.utf8)[...]
        while let low = bytes.popFirst() {
            if bytes.first == UInt8(ascii: "-"), let high = bytes.dropFirst().first {
                members.formUnion(low...high)
                bytes = bytes.dropFirst(2)
            } else {
                members.insert(low)
            }
        }
        return members
    }
}

/// Fields with a meaning of their own: a setting that rewrote one would break every request.
enum ReservedField {
    static let names = [
        "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Expect", "Host",
        "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    ]

    static func contains(_ name: String) -> Bool {
        names.contains { $0.lowercased() == name.lowercased() }
    }
}
