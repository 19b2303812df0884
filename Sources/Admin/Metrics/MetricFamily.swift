import Proxy

/// A metric with its samples, before it is written in either format.
struct MetricFamily {
    enum Kind: String {
        case counter, gauge, histogram, info

        var suffix: String {
            switch self {
            case .counter: "_total"
            case .info: "_info"
            case .gauge, .histogram: ""
            }
        }
    }

    /// One line of the page: a value, or all the buckets of a histogram.
    struct Sample {
        enum Value {
            case integer(UInt64)
            case number(Double)
            case histogram(bounds: [Double], counts: [UInt64], sum: Double, exemplars: [Exemplar?])
        }

        let labels: [(name: String, value: String)]
        let value: Value
    }

    /// As in queries: counters end in `_total`, infos in `_info`.
    let name: String
    let kind: Kind
    let help: String
    private(set) var samples: [Sample] = []

    init(_ kind: Kind, _ name: String, _ help: String) {
        precondition(name.hasSuffix(kind.suffix), "\(name) does not end as a \(kind) has to")
        self.kind = kind
        self.name = name
        self.help = help
    }

    mutating func add(_ labels: [(String, String)], _ value: some BinaryInteger) {
        samples.append(Sample(labels: labels, value: .integer(UInt64(clamping: value))))
    }

    mutating func add(_ labels: [(String, String)], number: Double) {
        samples.append(Sample(labels: labels, value: .number(number)))
    }

    mutating func add(
        _ labels: [(String, String)],
        bounds: [Double],
        counts: [UInt64],
        sum: Double,
        exemplars: [Exemplar?] = []
    ) {
        let value = Sample.Value.histogram(
            bounds: bounds,
            counts: counts,
            sum: sum,
            exemplars: exemplars
        )
        samples.append(Sample(labels: labels, value: value))
    }
}

/// Writes families as text in one of the formats.
struct MetricWriter {
    private(set) var text = ""
    private let format: ExpositionFormat

    init(format: ExpositionFormat) { self.format = format }

    /// Writes a family; one without samples leaves no trace.
    mutating func write(_ family: MetricFamily) {
        guard !family.samples.isEmpty else { return }
        // OpenMetrics names the family without the suffix; 0.0.4 knows no info.
        let isBare = format == .openMetrics
        let title = isBare ? String(family.name.dropLast(family.kind.suffix.count)) : family.name
        let kind = format == .prometheus && family.kind == .info ? .gauge : family.kind
        text += "# HELP \(title) \(Self.escaped(family.help))\n# TYPE \(title) \(kind.rawValue)\n"
        for sample in family.samples { write(sample, name: family.name) }
    }

    /// Ends the page and returns it.
    consuming func page() -> String {
        if format == .openMetrics { text += "# EOF\n" }
        return text
    }

    private mutating func write(_ sample: MetricFamily.Sample, name: String) {
        switch sample.value {
        case .integer(let number): line(name, sample.labels, String(number))
        case .number(let number): line(name, sample.labels, Self.written(number))
        case .histogram(let bounds, let counts, let sum, let exemplars):
            let tails = exemplars.map { tail($0) }
            let tailOf = { (place: Int) in place < tails.count ? tails[place] : "" }
            var total: UInt64 = 0
            for (place, bound) in bounds.enumerated() {
                total += place < counts.count ? counts[place] : 0
                let limit = format == .openMetrics ? String(bound) : Self.written(bound)
                line(
                    name + "_bucket",
                    sample.labels + [("le", limit)],
                    String(total) + tailOf(place)
                )
            }
            total += bounds.count < counts.count ? counts[bounds.count] : 0
            line(
                name + "_bucket",
                sample.labels + [("le", "+Inf")],
                String(total) + tailOf(bounds.count)
            )
            line(name + "_sum", sample.labels, Self.written(sum))
            line(name + "_count", sample.labels, String(total))
        }
    }

    /// An exemplar as OpenMetrics has it behind a bucket; 0.0.4 knows none.
    private func tail(_ exemplar: Exemplar?) -> String {
        guard format == .openMetrics, let exemplar else { return "" }
        let digits = [exemplar.traceID.high, exemplar.traceID.low].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return " # {trace_id=\"\(digits.joined())\"} \(exemplar.seconds) \(exemplar.time)"
    }

    private mutating func line(
        _ name: String,
        _ labels: [(name: String, value: String)],
        _ value: String
    ) {
        text += name
        for (place, label) in labels.enumerated() {
            text += place == 0 ? "{" : ","
            text += "\(label.name)=\"\(Self.escaped(label.value))\""
        }
        text += labels.isEmpty ? " " : "} "
        text += value
        text += "\n"
    }

    /// A number without the `.0` of a whole one.
    static func written(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    /// A label's value or a help text; OpenMetrics wants quotes escaped in both, 0.0.4 allows it
    /// in labels alone, and no help of ours has one.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
