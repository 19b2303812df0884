import Proxy

extension AdminSession {
    /// Options of `switchyard drain`.
    package static let drainOptions = [
        Option("wait", help: "return when nothing runs on the slot any more"),
        Option("timeout", "TIME", help: "how long to wait, such as 30s (default) or 5m"),
    ]

    /// Shows what still runs on a slot, or waits until nothing does.
    package func drain(_ slot: String?) throws(UsageFailure) -> ExitCode {
        guard arguments.has("wait") else {
            guard arguments["timeout"] == nil else {
                throw UsageFailure(message: "--timeout needs --wait")
            }
            let query = slot.map { "?slot=\($0.percentEncoded)" } ?? ""
            return show("GET", "/drain\(query)", failsOnRest: false) { DrainTable.text($0) }
        }
        var body: JSON = [:]
        if let slot { body = body.adding("slot", .string(slot)) }
        var limit = AdminClient.answerLimit
        if let text = arguments["timeout"] {
            body = body.adding("timeout", .string(text))
            limit += DurationText.parse(text) ?? .zero
        } else {
            limit += ChangeBody().timeout
        }
        return show("POST", "/drain/wait", body: body, within: limit) { DrainTable.text($0) }
    }
}

extension String {
    /// As a value in a query: everything but letters, digits, `-`, `_` and `.` by its bytes.
    var percentEncoded: String {
        utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isLetter || character.isNumber || "-_.".contains(character)
            if byte < 0x80, isPlain { return String(character) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

/// What runs on a slot, as tables for people.
enum DrainTable {
    static func text(_ answer: JSON) -> String {
        let slot = answer["slot"]?.string ?? "?"
        let count = answer["exchanges"]?.integer ?? 0
        if answer["drained"]?.bool == true {
            return "\(slot) is drained: nothing runs there and nothing new comes"
        }
        var parts = [count == 1 ? "1 exchange on \(slot)" : "\(count) exchanges on \(slot)"]
        if answer["takes_traffic"]?.bool == true {
            parts[0] += ", which takes traffic"
        }
        if let routes = answer["routes"]?.array, !routes.isEmpty { parts.append(table(routes)) }
        if let oldest = answer["oldest"]?.array, !oldest.isEmpty { parts.append(list(oldest)) }
        return parts.joined(separator: "\n\n")
    }

    private static func table(_ routes: [JSON]) -> String {
        var rows = [["ROUTE", "SERVICE", "REQUESTS", "STREAMS", "TUNNELS", "OLDEST"]]
        for route in routes {
            rows.append([
                cell(route["route"]), cell(route["service"]), cell(route["requests"]),
                cell(route["streams"]), cell(route["tunnels"]),
                cell(route["oldest_seconds"]) + " s",
            ])
        }
        return Table(rows: rows).text
    }

    private static func list(_ exchanges: [JSON]) -> String {
        var rows = [["AGE", "KIND", "ROUTE", "ENDPOINT", "CLIENT", "BYTES IN", "BYTES OUT"]]
        for exchange in exchanges {
            rows.append([
                cell(exchange["age_seconds"]) + " s", cell(exchange["kind"]),
                cell(exchange["route"]), cell(exchange["endpoint"]), cell(exchange["client"]),
                cell(exchange["bytes_in"]), cell(exchange["bytes_out"]),
            ])
        }
        return Table(rows: rows).text
    }

    private static func cell(_ value: JSON?) -> String {
        guard let value, !value.isNull else { return "-" }
        return value.string ?? value.line
    }
}
