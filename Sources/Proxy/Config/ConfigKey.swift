/// One key of an object: its name, what an editor says of it, and the property that it fills.
struct ConfigKey<Root> {
    let name: String
    let isRequired: Bool
    fileprivate let expected: String
    fileprivate let schema: (Root) -> JSON
    fileprivate let read: (JSON, ConfigPlace, inout Root, inout ConfigCheck) -> Void
    fileprivate let write: (Root) -> JSON?

    /// A key that may be left out: the property then keeps its default.
    init<Value>(
        _ name: String,
        _ summary: String,
        _ property: WritableKeyPath<Root, Value>,
        _ rule: ConfigRule<Value>
    ) {
        self.name = name
        isRequired = false
        expected = rule.expected
        schema = { start in
            rule.schema.described(summary, default: rule.write(start[keyPath: property]))
        }
        read = { json, place, root, check in
            if let value = rule.value(json, at: place, &check) { root[keyPath: property] = value }
        }
        write = { rule.write($0[keyPath: property]) }
    }

    /// A key without a default; where the property is nil, the key is not written.
    init<Value>(
        _ name: String,
        _ summary: String,
        ifPresent property: WritableKeyPath<Root, Value?>,
        _ rule: ConfigRule<Value>,
        isRequired: Bool = false
    ) {
        self.name = name
        self.isRequired = isRequired
        expected = rule.expected
        schema = { _ in rule.schema.described(summary) }
        read = { json, place, root, check in
            root[keyPath: property] = rule.value(json, at: place, &check)
        }
        write = { $0[keyPath: property].map(rule.write) }
    }

    /// A key that says something to others: it fills nothing.
    init<Value>(_ name: String, _ summary: String, _ rule: ConfigRule<Value>, written: Value?) {
        self.name = name
        isRequired = false
        expected = rule.expected
        schema = { _ in rule.schema.described(summary, default: written.map(rule.write)) }
        read = { json, place, _, check in _ = rule.value(json, at: place, &check) }
        write = { _ in written.map(rule.write) }
    }
}

extension ConfigRule {
    /// An object with these keys and no others; what is left out keeps the value it has in `start`.
    static func object(
        _ expected: String,
        from start: Value,
        _ keys: [ConfigKey<Value>]
    ) -> ConfigRule {
        ConfigRule(
            expected,
            schema: .object(
                [
                    ("type", "object"),
                    ("additionalProperties", .bool(false)),
                    ("required", .array(keys.filter(\.isRequired).map { .string($0.name) })),
                    ("properties", .object(keys.map { ($0.name, $0.schema(start)) })),
                ]
            ),
            readingParts: { json, place, check in
                guard case .object(let members) = json.kind else { return .mismatch }
                var root = start
                for member in check.refusingRepeats(members, at: place) {
                    let inner = place.member(member.name, at: member.offset)
                    guard let key = keys.first(where: { $0.name == member.name }) else {
                        check.refuseUnknown(member.name, at: inner, known: keys.map(\.name))
                        continue
                    }
                    key.read(member.value, inner, &root, &check)
                }
                for key in keys
                where key.isRequired && !members.contains(where: { $0.name == key.name }) {
                    let inner = place.member(key.name, at: json.offset)
                    check.refuse(inner, found: "nothing", "write \(key.expected)")
                }
                return .value(root)
            },
            write: { root in
                .object(keys.compactMap { key in key.write(root).map { (key.name, $0) } })
            }
        )
    }
}

extension ConfigCheck {
    /// The members of an object, each name once.
    mutating func refusingRepeats(_ members: [JSON.Member], at place: ConfigPlace) -> [JSON.Member]
    {
        var seen: Set<String> = []
        return members.filter { member in
            let isFirst = seen.insert(member.name).inserted
            if !isFirst {
                refuse(
                    place.member(member.name, at: member.offset),
                    found: "the key a second time",
                    "write it once"
                )
            }
            return isFirst
        }
    }

    fileprivate mutating func refuseUnknown(
        _ name: String,
        at place: ConfigPlace,
        known: [String]
    ) {
        refuse(place, found: "an unknown key", Spelling.hint(for: name, of: known))
    }
}

extension JSON {
    /// A schema with what an editor shows; a default that is an object says itself by its parts.
    fileprivate func described(_ summary: String, default value: JSON? = nil) -> JSON {
        guard case .object(let members) = kind else { return self }
        var described = [(name: "description", value: JSON.string(summary))]
        described += members.map { ($0.name, $0.value) }
        switch value?.kind {
        case .object, nil: break
        default: described.append(("default", value ?? .null))
        }
        return .object(described)
    }
}
