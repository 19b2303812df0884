/// The rules for values without parts: numbers, durations, sizes and texts.
extension ConfigRule {
    static func integer(_ range: ClosedRange<Int>) -> ConfigRule<Int> {
        ConfigRule<Int>(
            "a whole number from \(range.lowerBound) to \(range.upperBound)",
            schema: .integer(range),
            read: { json in json.integer.flatMap { range.contains($0) ? $0 : nil } },
            write: { .number($0) }
        )
    }

    static var flag: ConfigRule<Bool> {
        ConfigRule<Bool>(
            "true or false",
            schema: .object([("type", "boolean")]),
            read: { json in if case .bool(let value) = json.kind { value } else { nil } },
            write: { .bool($0) }
        )
    }

    static func number(_ range: ClosedRange<Double>) -> ConfigRule<Double> {
        let (least, most) = (JSON.number(range.lowerBound), JSON.number(range.upperBound))
        return ConfigRule<Double>(
            "a number from \(least.summary) to \(most.summary)",
            schema: .object([("type", "number"), ("minimum", least), ("maximum", most)]),
            read: { json in json.double.flatMap { range.contains($0) ? $0 : nil } },
            write: { .number($0) }
        )
    }

    /// A duration between two bounds.
    static func duration(_ range: ClosedRange<Duration>) -> ConfigRule<Duration> {
        let (least, most) = (range.lowerBound, range.upperBound)
        return ConfigRule<Duration>(
            "a duration from \"\(DurationText.text(least))\" to \"\(DurationText.text(most))\","
                + " such as \"60s\" or \"5m\"",
            schema: duration.schema,
            read: { json in
                json.string.flatMap(DurationText.parse).flatMap { range.contains($0) ? $0 : nil }
            },
            write: { .string(DurationText.text($0)) }
        )
    }

    /// A size in bytes, as a number or with a binary unit.
    static func size(_ range: ClosedRange<Int>) -> ConfigRule<Int> {
        let (least, most) = (ByteSize.text(range.lowerBound), ByteSize.text(range.upperBound))
        return ConfigRule<Int>(
            "a size from \(least) to \(most), in bytes or with a unit such as \"32KiB\"",
            schema: .anyOf([.integer(range), .text(pattern: "^[0-9]{1,15}(B|KiB|MiB|GiB)$")]),
            read: { json in
                let bytes = json.integer ?? json.string.flatMap(ByteSize.parse)
                return bytes.flatMap { range.contains($0) ? $0 : nil }
            },
            write: { $0 % 1_024 == 0 ? .string(ByteSize.text($0)) : .number($0) }
        )
    }

    static var duration: ConfigRule<Duration> {
        ConfigRule<Duration>(
            "a duration from \"1ms\" to \"24h\" with a unit, such as \"250ms\", \"2s\" or \"5m\"",
            schema: .text(pattern: "^[1-9][0-9]{0,7}(ms|s|m|h)$"),
            read: { json in json.string.flatMap(DurationText.parse) },
            write: { .string(DurationText.text($0)) }
        )
    }

    static var weight: ConfigRule<Weight> {
        ConfigRule<Weight>(
            "a percentage from 0 to 100 in steps of 0.01",
            schema: .object([
                ("type", "number"), ("minimum", .number(0)), ("maximum", .number(100)),
            ]),
            read: { json in json.double.flatMap { Weight(percent: $0) } },
            write: { .number($0.percent) }
        )
    }

    static var bucketsSeconds: ConfigRule<[Double]> {
        let count = 1...ConfigLimits.buckets
        return ConfigRule<[Double]>(
            "a list of \(count.phrase) rising numbers above 0",
            schema: .object([
                ("type", "array"),
                ("items", .object([("type", "number"), ("exclusiveMinimum", .number(0))])),
                ("minItems", .number(count.lowerBound)),
                ("maxItems", .number(count.upperBound)),
            ]),
            read: { json in
                guard case .array(let elements) = json.kind, count.contains(elements.count) else {
                    return nil
                }
                let bounds = elements.compactMap(\.double)
                let isRising = zip([0] + bounds, bounds).allSatisfy { $0 < $1 && $1.isFinite }
                return isRising && bounds.count == elements.count ? bounds : nil
            },
            write: { .array($0.map { .number($0) }) }
        )
    }

    /// One of some words.
    static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type
    ) -> ConfigRule<Word> {
        let words = Word.allCases.map(\.rawValue)
        return ConfigRule<Word>(
            words.map(JSON.quoted).joined(separator: " or "),
            schema: .object([("enum", .array(words.map { .string($0) }))]),
            read: { json in json.string.flatMap(Word.init(rawValue:)) },
            write: { .string($0.rawValue) }
        )
    }
}

/// Bounds of what a file may say that are no limits of the running proxy.
package enum ConfigLimits {
    /// A whole configuration; a hundred endpoints need about 10 KiB.
    static let fileBytes = 1 << 20
    /// Mistakes that are told one by one; a file of another kind has thousands.
    static let issues = 100
    static let listeners = 64
    /// A request may look at every route of its listener.
    static let routes = 256
    static let services = 64
    static let endpoints = 256
    static let trustedProxies = 256
    /// While a canary is on, a request may look at every one of them.
    static let slotRules = 64
    static let ruleClients = 64
    /// Names of judged routes, over all services; each keeps 5 KiB of counters per slot and worker.
    static let judgedRoutes = 256
    /// How far the judge looks back.
    ///
    /// Less than five seconds hold no evidence, and what is older than ten minutes says little of
    /// now.
    package static let judgeWindow = Duration.seconds(5)...Duration.seconds(600)
    /// Prometheus advises 10, for each is a series of every slot and service; `LaneCounters` has
    /// room for so many.
    static let buckets = 32
    /// More would take longer than anybody watches.
    static let rolloutSteps = 64
    static let rolloutProbes = 64
    /// A gate is asked after the other, and each may take its timeout.
    static let rolloutHooks = 8
    static let rolloutQueries = 32
    /// A name becomes a label of metrics and a part of admin paths.
    static let nameBytes = 64
    static let pathBytes = 4_096
    static let tokenBytes = 1_024
    static let longestDuration = Duration.seconds(24 * 60 * 60)
}

/// `250ms`, `2s`, `5m`, `1h`.
package enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    package static func parse(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            let digits = text.utf8.dropLast(unit.suffix.utf8.count)
            guard digits.count <= 8, digits.first != UInt8(ascii: "0"),
                let count = wholeNumber(digits)
            else { continue }
            let duration = Duration.milliseconds(Int64(count) * unit.milliseconds)
            return duration <= ConfigLimits.longestDuration ? duration : nil
        }
        return nil
    }

    /// With the largest unit that leaves a whole number.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}

/// `512B`, `32KiB`, `8MiB`, `1GiB`.
enum ByteSize {
    private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]

    static func parse(_ text: String) -> Int? {
        for (suffix, bytes) in units where text.hasSuffix(suffix) {
            let digits = text.utf8.dropLast(suffix.utf8.count)
            guard digits.count <= 15, let count = wholeNumber(digits) else { return nil }
            let (size, isTooLarge) = count.multipliedReportingOverflow(by: bytes)
            return isTooLarge ? nil : size
        }
        return nil
    }

    /// With the largest unit that leaves a whole number.
    static func text(_ size: Int) -> String {
        for (suffix, bytes) in units where size % bytes == 0 && size > 0 {
            return "\(size / bytes)\(suffix)"
        }
        return "\(size)B"
    }
}

/// Digits and nothing else, unlike `Int("+1")`.
func wholeNumber(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
}

extension JSON {
    var string: String? {
        if case .string(let text) = kind { text } else { nil }
    }

    static func integer(_ range: ClosedRange<Int>) -> JSON {
        .object([
            ("type", "integer"),
            ("minimum", .number(range.lowerBound)),
            ("maximum", .number(range.upperBound)),
        ])
    }

    static func text(pattern: String) -> JSON {
        .object([("type", "string"), ("pattern", .string(pattern))])
    }
}
