/// What one value of the file may be: how it is read, described to an editor and written again.
///
/// The rules in `ConfigFile+Keys.swift` are the only list of keys there is: the check, the schema
/// with its defaults and the view of a running configuration are all made from it.
struct ConfigRule<Value> {
    /// Completes the sentence "write …".
    let expected: String
    private let makeSchema: () -> JSON
    let read: (JSON, ConfigPlace, inout ConfigCheck) -> Reading<Value>
    let write: (Value) -> JSON

    init(
        _ expected: String,
        schema: @autoclosure @escaping () -> JSON,
        readingParts read: @escaping (JSON, ConfigPlace, inout ConfigCheck) -> Reading<Value>,
        write: @escaping (Value) -> JSON
    ) {
        self.expected = expected
        makeSchema = schema
        self.read = read
        self.write = write
    }

    /// A rule for a value without parts: `read` gives nil for what is not expected.
    init(
        _ expected: String,
        schema: @autoclosure @escaping () -> JSON,
        read: @escaping (JSON) -> Value?,
        write: @escaping (Value) -> JSON
    ) {
        self.init(
            expected,
            schema: schema(),
            readingParts: { json, _, _ in read(json).map(Reading.value) ?? .mismatch },
            write: write
        )
    }

    /// JSON Schema (draft 2020-12); made when it is asked for, which a start never does.
    var schema: JSON { makeSchema() }

    /// The value, or nil after an issue was reported.
    func value(_ json: JSON, at place: ConfigPlace, _ check: inout ConfigCheck) -> Value? {
        let place = ConfigPlace(path: place.path, offset: json.offset)
        check.note(place)
        switch read(json, place, &check) {
        case .value(let value): return value
        case .mismatch: check.refuse(place, found: json.summary, "write \(expected)")
        case .refused: break
        }
        return nil
    }
}

/// What came of reading one value.
enum Reading<Value> {
    case value(Value)
    /// Not what was expected; whoever asked says so.
    case mismatch
    /// Wrong inside, and reported.
    case refused

    func map<Other>(_ change: (Value) -> Other) -> Reading<Other> {
        switch self {
        case .value(let value): .value(change(value))
        case .mismatch: .mismatch
        case .refused: .refused
        }
    }
}

/// A value under a name that the user chose; nil after an issue was reported.
struct Named<Value> {
    var name: String
    var value: Value?
    var place = ConfigPlace.root
}

// MARK: Combining

extension ConfigRule {
    /// A value with its place.
    static func located<Inner>(_ inner: ConfigRule<Inner>) -> ConfigRule
    where Value == Located<Inner> {
        ConfigRule(
            inner.expected,
            schema: inner.schema,
            readingParts: { json, place, check in
                inner.read(json, place, &check).map { Located(value: $0, place: place) }
            },
            write: { inner.write($0.value) }
        )
    }

    /// A value, or its absence in one of some spellings; the first of them is written.
    static func either<Inner>(
        _ inner: ConfigRule<Inner>,
        or spellings: JSON...,
        meaning: String
    ) -> ConfigRule where Value == Inner? {
        ConfigRule(
            "\(inner.expected), or \(spellings[0].summary) \(meaning)",
            schema: .anyOf([inner.schema] + spellings.map { .object([("const", $0)]) }),
            readingParts: { json, place, check in
                if spellings.contains(where: { $0.kind == json.kind }) { return .value(nil) }
                return inner.read(json, place, &check).map { $0 }
            },
            write: { $0.map(inner.write) ?? spellings[0] }
        )
    }

    /// A part that is turned on by `true` or by its settings, and off by `false` or null.
    static func switchable<Inner>(_ inner: ConfigRule<Inner>, on start: Inner) -> ConfigRule
    where Value == Inner? {
        let words: [JSON] = [.bool(true), .bool(false), .null]
        return ConfigRule(
            "\(inner.expected), true for the defaults, or false for none",
            schema: .anyOf([inner.schema] + words.map { .object([("const", $0)]) }),
            readingParts: { json, place, check in
                switch json.kind {
                case .bool(true): .value(start)
                case .bool(false), .null: .value(nil)
                default: inner.read(json, place, &check).map { $0 }
                }
            },
            write: { $0.map(inner.write) ?? .bool(false) }
        )
    }

    /// A list; elements that were refused are left out of it.
    static func list<Element>(
        _ element: ConfigRule<Element>,
        _ count: ClosedRange<Int>,
        of noun: String
    ) -> ConfigRule where Value == [Element] {
        ConfigRule(
            "a list of \(count.phrase) \(noun)",
            schema: .object([
                ("type", "array"),
                ("items", element.schema),
                ("minItems", .number(count.lowerBound)),
                ("maxItems", .number(count.upperBound)),
            ]),
            readingParts: { json, place, check in
                guard case .array(let elements) = json.kind, count.contains(elements.count) else {
                    return .mismatch
                }
                var values: [Element] = []
                for (index, json) in elements.enumerated() {
                    let inner = place.element(index)
                    if let value = element.value(json, at: inner, &check) { values.append(value) }
                }
                return .value(values)
            },
            write: { .array($0.map(element.write)) }
        )
    }

    /// An object of values under names that the user chooses.
    static func map<Element>(
        _ element: ConfigRule<Element>,
        _ count: ClosedRange<Int>,
        of noun: String
    ) -> ConfigRule where Value == [Named<Element>] {
        let name = ConfigRule<String>.name
        return ConfigRule(
            "an object with \(count.phrase) \(noun), each under its name",
            schema: .object([
                ("type", "object"),
                ("propertyNames", name.schema),
                ("additionalProperties", element.schema),
                ("minProperties", .number(count.lowerBound)),
                ("maxProperties", .number(count.upperBound)),
            ]),
            readingParts: { json, place, check in
                guard case .object(let members) = json.kind else { return .mismatch }
                let unique = check.refusingRepeats(members, at: place)
                if !count.contains(unique.count) {
                    let found = "an object with \(unique.count)"
                    check.refuse(place, found: found, "write \(count.phrase) \(noun)")
                }
                guard unique.count <= ConfigLimits.services else { return .refused }
                var named: [Named<Element>] = []
                for member in unique {
                    let inner = place.member(member.name, at: member.offset)
                    guard
                        name.value(
                            JSON(kind: .string(member.name), offset: member.offset),
                            at: inner,
                            &check
                        ) != nil
                    else {
                        continue
                    }
                    let value = element.value(member.value, at: inner, &check)
                    named.append(Named(name: member.name, value: value, place: inner))
                }
                return .value(named)
            },
            write: { named in
                .object(
                    named.compactMap { item in
                        item.value.map { (item.name, element.write($0)) }
                    }
                )
            }
        )
    }
}

extension ClosedRange<Int> {
    /// `1 to 64`, or `exactly 2`.
    var phrase: String {
        lowerBound == upperBound ? "exactly \(lowerBound)" : "\(lowerBound) to \(upperBound)"
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }

    /// A schema that takes what one of `schemas` takes.
    static func anyOf(_ schemas: [JSON]) -> JSON { .object([("anyOf", .array(schemas))]) }
}
