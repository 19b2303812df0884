import Proxy

/// What the pretended application counts of itself, as Prometheus text.
final class DemoMetrics: Sendable {
    /// Upper bounds in seconds, as client libraries choose them.
    static let boundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Key: Hashable {
        let method: String
        let endpoint: String
    }

    private struct Durations {
        var counts = [Int](repeating: 0, count: DemoMetrics.boundsSeconds.count)
        var total = 0
        var sumSeconds = 0.0
        var statuses: [Int: Int] = [:]
    }

    private let durations = Lock<[Key: Durations]>([:])

    func record(method: String, endpoint: String, status: Int, took: Duration) {
        let seconds = took / .seconds(1)
        durations.withLock {
            var entry = $0[Key(method: method, endpoint: endpoint)] ?? Durations()
            entry.total += 1
            entry.sumSeconds += seconds
            entry.statuses[status, default: 0] += 1
            if let bucket = Self.boundsSeconds.firstIndex(where: { seconds <= $0 }) {
                entry.counts[bucket] += 1
            }
            $0[Key(method: method, endpoint: endpoint)] = entry
        }
    }

    var text: String {
        let entries = durations.withLock { $0 }
            .sorted { ($0.key.endpoint, $0.key.method) < ($1.key.endpoint, $1.key.method) }
        var text = """
            # HELP http_requests_total Requests by method, endpoint and status.
            # TYPE http_requests_total counter

            """
        for (key, entry) in entries {
            for (status, count) in entry.statuses.sorted(by: { $0.key < $1.key }) {
                text += "http_requests_total{\(labels(key)),status=\"\(status)\"} \(count)\n"
            }
        }
        text += """
            # HELP http_request_duration_seconds Time to answer.
            # TYPE http_request_duration_seconds histogram

            """
        for (key, entry) in entries { text += histogram(of: entry, labels: labels(key)) }
        return text
    }

    private func histogram(of entry: Durations, labels: String) -> String {
        let name = "http_request_duration_seconds"
        var text = ""
        var cumulative = 0
        for (bound, count) in zip(Self.boundsSeconds, entry.counts) {
            cumulative += count
            text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(cumulative)\n"
        }
        text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(entry.total)\n"
        text += "\(name)_sum{\(labels)} \(entry.sumSeconds)\n"
        return text + "\(name)_count{\(labels)} \(entry.total)\n"
    }

    private func labels(_ key: Key) -> String {
        "method=\"\(key.method)\",endpoint=\"\(key.endpoint)\""
    }
}
