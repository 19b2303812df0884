import Proxy

/// A verdict as a table for people: a line for each check, and what is still missing.
enum VerdictTable {
    static func text(_ verdict: JSON) -> String {
        var parts = [headline(verdict), slots(verdict), checks(verdict)]
        let leftOut = (verdict["left_out"]?.array ?? []).map { entry in
            "left out: \(word(entry["check"])) of \(place(entry)), \(word(entry["reason"]))"
                .printable
        }
        if !leftOut.isEmpty { parts.append(leftOut.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private static func headline(_ verdict: JSON) -> String {
        var parts = [
            "\(word(verdict["slot"])): \((verdict["verdict"]?.string ?? "?").uppercased())",
            "\(word(verdict["attempts"])) attempts, \(word(verdict["failed"])) failed",
            "the last \(Figures.number((verdict["window_seconds"]?.double ?? 0).rounded())) s",
        ]
        if let needed = verdict["requests_needed"]?.integer {
            let time = verdict["seconds_needed"]?.double.map { ", \(Figures.seconds($0))" } ?? ""
            parts.append("about \(needed) more requests needed\(time)")
        }
        return parts.joined(separator: " · ").printable
    }

    /// What each slot did, and what users saw of it.
    private static func slots(_ verdict: JSON) -> String {
        var rows = [["SLOT", "ATTEMPTS", "FAILED", "USERS SAW", "FAILED", "RESCUED"]]
        for slot in verdict["slots"]?.array ?? [] {
            let (attempts, outcomes) = (slot["attempts"], slot["outcomes"])
            rows.append([
                word(slot["slot"]), word(attempts?["count"]), word(attempts?["failed"]),
                word(outcomes?["answers"]), word(outcomes?["failed"]), word(outcomes?["rescued"]),
            ])
        }
        return Table(rows: rows).text
    }

    private static func checks(_ verdict: JSON) -> String {
        var rows = [
            ["CHECK", "OF", "STATE", "VALUE", "BOUNDS", "LIMIT", "SAMPLE", "OTHER", "REASON"]
        ]
        for check in verdict["checks"]?.array ?? [] {
            let isTime = check["check"]?.string?.hasPrefix("latency") == true
            func figure(_ value: JSON?) -> String {
                guard let number = value?.double else { return "-" }
                return isTime ? Figures.time(number) : Figures.percent(number)
            }
            let hasBounds = check["lower_bound"]?.double != nil
            // An upper bound beyond every figure is null in JSON.
            let upper = check["upper_bound"]?.double == nil ? "∞" : figure(check["upper_bound"])
            rows.append([
                word(check["check"]), place(check), stateWord(check["state"]),
                figure(check["value"]),
                hasBounds ? "\(figure(check["lower_bound"])) to \(upper)" : "-",
                figure(check["threshold"]), word(check["sample_size"]),
                figure(check["other_slot"]?["value"]), word(check["reason"]),
            ])
        }
        return Table(rows: rows).text
    }

    private static func stateWord(_ state: JSON?) -> String {
        state?.string == "fail" ? "FAIL" : word(state)
    }

    private static func place(_ entry: JSON) -> String {
        [entry["service"]?.string, entry["route"]?.string].compactMap(\.self)
            .joined(separator: " ")
    }

    private static func word(_ value: JSON?) -> String {
        value.map { $0.string ?? $0.line } ?? "-"
    }
}
