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
        var rows = [["SLOT", "WEIGHT", "ACTUAL", "HEALTHY", "IN FLIGHT", "DRAINING", "TUNNELS"]]
        for slot in status["slots"]?.members ?? [] {
            rows.append([
                slot.name, percent(slot.value["weight_percent"]),
                percent(slot.value["actual_percent"]),
                slot.value["healthy"]?.bool == true ? "yes" : "NO",
                text(slot.value["in_flight"]), text(slot.value["draining"]),
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
                        text(endpoint["health"])
                            + (endpoint["ejected"]?.bool == true ? ", ejected" : ""),
                        text(endpoint["in_flight"]),
                        "\(active) active, \(idle) idle", endpoint["reason"]?.string ?? "",
                    ])
                }
            }
        }
        return Table(rows: rows).text
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
        if let dropped = status["access_log_lines_dropped"]?.integer, dropped > 0 {
            rows.append(["access log", "\(dropped) lines dropped"])
        }
        return rows
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
