import Proxy

/// The status as tables for people.
enum StatusTable {
    static func text(_ status: JSON) -> String {
        [headline(status), slots(status), endpoints(status), footer(status)]
            .joined(separator: "\n\n")
    }

    private static func headline(_ status: JSON) -> String {
        var parts = [
            "generation \(status["generation"]?.line ?? "?")",
            "\(text(status["active"])) active since \(text(status["since"]))",
        ]
        if let previous = status["previous"]?.string { parts.append("previous \(previous)") }
        if let canary = status["canary"], !canary.isNull {
            parts.append("canary \(text(canary["slot"])) \(text(canary["percent"])) %")
        }
        if let rollout = status["rollout"], rollout["state"]?.string != "ended", !rollout.isNull {
            parts.append("rollout of \(text(rollout["candidate"])): \(text(rollout["position"]))")
        }
        if status["ready"]?.bool == false { parts.append("NOT READY") }
        return parts.joined(separator: " · ").printable
    }

    private static func slots(_ status: JSON) -> String {
        var rows = [
            [
                "SLOT", "WEIGHT", "ACTUAL", "HEALTHY", "VERDICT", "IN FLIGHT", "WAITING",
                "DRAINING", "TUNNELS",
            ]
        ]
        for slot in status["slots"]?.members ?? [] {
            rows.append([
                slot.name, percent(slot.value["weight_percent"]),
                percent(slot.value["actual_percent"]),
                slot.value["healthy"]?.bool == true ? "yes" : "NO",
                text(slot.value["verdict"]?["state"]), text(slot.value["in_flight"]),
                text(slot.value["waiting"]), text(slot.value["draining"]),
                text(slot.value["tunnels"]),
            ])
        }
        return Table(rows: rows).text
    }

    private static func endpoints(_ status: JSON) -> String {
        var rows = [
            ["SLOT", "SERVICE", "ENDPOINT", "HEALTH", "IN FLIGHT", "CONNECTIONS", "REASON"]
        ]
        for slot in status["slots"]?.members ?? [] {
            for service in slot.value["services"]?.members ?? [] {
                for endpoint in service.value["endpoints"]?.array ?? [] {
                    let active = endpoint["active_connections"]?.integer ?? 0
                    let idle = endpoint["idle_connections"]?.integer ?? 0
                    rows.append([
                        slot.name, service.name, text(endpoint["endpoint"]),
                        text(endpoint["health"]) + ejection(endpoint),
                        text(endpoint["in_flight"]),
                        "\(active) active, \(idle) idle", endpoint["reason"]?.string ?? "",
                    ])
                }
            }
        }
        return Table(rows: rows).text
    }

    private static func ejection(_ endpoint: JSON) -> String {
        guard endpoint["ejected"]?.bool == true else { return "" }
        let seconds = endpoint["ejected_for_seconds"]?.double ?? 0
        return ", ejected" + (seconds > 0 ? " for \(Int(seconds.rounded(.up))) s" : "")
    }

    /// What is out of the ordinary, each in a row; nothing on a good day.
    private static func oddities(_ status: JSON) -> [[String]] {
        var rows: [[String]] = []
        if let older = status["older_process"], !older.isNull {
            rows.append([
                "draining",
                "process \(text(older["process"])), which was replaced, has"
                    + " \(text(older["exchanges"])) exchanges",
            ])
        }
        for slot in status["slots"]?.members ?? [] {
            if let lease = slot.value["lease"], !lease.isNull {
                rows.append([
                    "lease", "\(slot.name): \(text(lease["holder"])) until \(text(lease["until"]))",
                ])
            }
            if slot.value["verdict"]?["state"]?.string == "fail" {
                rows.append([
                    "verdict", "\(slot.name): \(text(slot.value["verdict"]?["sentence"]))",
                ])
            }
            for service in slot.value["services"]?.members ?? [] {
                rows += counts(laneCounts, in: service.value).map {
                    [$0, "\(slot.name) \(service.name): \($1) since the start"]
                }
            }
        }
        rows += counts(clientCounts, in: status["client_refusals"]).map {
            [$0, "\($1) since the start"]
        }
        rows += counts(pauseCounts, in: status["accept_pauses"]).map {
            [$0, "\($1) since the start"]
        }
        rows += counts(logCounts, in: status).map { [$0, "\($1) lines since the start"] }
        return rows
    }

    /// Members of the status that are 0 on a good day, and what they are called.
    private static let laneCounts = [
        ("unserved", "no endpoint"), ("last_resort", "last resort"),
        ("queue_refused", "queue refused"), ("retries", "retries"),
        ("retries_refused", "no retry left"),
    ]
    private static let clientCounts = [
        ("requests", "429 answered"), ("connections", "clients refused"),
    ]
    private static let pauseCounts = [
        ("limit", "accept at limit"), ("descriptors", "no descriptor"),
    ]
    private static let logCounts = [
        ("access_log_lines_dropped", "access log lost"),
        ("error_log_lines_held_back", "error log held"),
    ]

    /// Those that are not 0.
    private static func counts(
        _ names: [(key: String, word: String)],
        in json: JSON?
    ) -> [(word: String, count: Int)] {
        names.compactMap { name in
            guard let count = json?[name.key]?.integer, count > 0 else { return nil }
            return (name.word, count)
        }
    }

    private static func footer(_ status: JSON) -> String {
        let listeners = (status["listeners"]?.array ?? []).map { text($0["bound"]) }
        return Table(
            rows: [
                ["listeners", listeners.joined(separator: ", ")],
                ["admin", text(status["admin"]?["bound"])],
                [
                    "configuration",
                    "\(text(status["config"]?["path"])) (\(text(status["config"]?["hash"])))"
                        + " loaded \(text(status["config"]?["loaded"]))",
                ],
                ["state", status["state_file"]?.string ?? "in memory only"],
                [
                    "switchyard",
                    "\(text(status["version"])), up \(text(status["uptime_seconds"])) s",
                ],
            ] + oddities(status)
        ).text
    }

    private static func percent(_ value: JSON?) -> String {
        value?.double == nil ? "-" : "\(text(value)) %"
    }

    private static func text(_ value: JSON?) -> String {
        value.map { $0.string ?? $0.line } ?? "-"
    }
}

/// The history as a table for people, oldest first.
enum HistoryTable {
    static func text(_ answer: JSON) -> String {
        var rows = [["GENERATION", "TIME", "ACTION", "FROM", "TO", "CANARY", "BY", "REASON"]]
        for entry in answer["history"]?.array ?? [] {
            rows.append([
                entry["generation"]?.line ?? "-", entry["time"]?.string ?? "-",
                entry["action"]?.string ?? "-", entry["from"]?.string ?? "-",
                entry["to"]?.string ?? "-",
                entry["percent"]?.double == nil ? "-" : "\(entry["percent"]?.line ?? "") %",
                entry["actor"]?.string ?? "-", entry["reason"]?.string ?? "",
            ])
        }
        return Table(rows: rows).text
    }
}
