/// Figures as people read them, in the judge's sentences and tables.
enum Figures {
    /// `0.42 %`.
    static func percent(_ rate: Double) -> String { "\(number(rate * 100)) %" }

    static func points(_ difference: Double) -> String {
        let count = number(difference * 100)
        return "\(count) percentage point\(count == "1" ? "" : "s")"
    }

    /// `37 ms`, `2.5 s`; `-` for none.
    static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        guard seconds.isFinite else { return "∞" }
        return seconds < 1 ? "\(number(seconds * 1_000)) ms" : "\(number(seconds)) s"
    }

    /// A span that somebody waits for: `12 s`, `7 min`, `3 h`.
    static func seconds(_ seconds: Double) -> String {
        let spans = [(3_600.0, "h"), (60.0, "min")]
        for (unit, name) in spans where seconds >= 2 * unit {
            return "about \(number((seconds / unit).rounded())) \(name)"
        }
        return "about \(number(seconds.rounded(.up))) s"
    }

    /// Three digits that count, without zeros at the end.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value > 0 ? "∞" : "-" }
        var scale = 1.0
        while value.magnitude * scale < 100, scale < 10_000 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return Int(exactly: rounded).map(String.init) ?? String(rounded)
    }
}
