import CLinux
import Glibc

/// What happened within the measured window.
struct Measurement {
    /// Durations from the time a request was due to the end of its response.
    var latencies = Histogram()
    var failed = 0
    /// Bytes received within the window, also of responses that it cuts.
    var receivedBytes = 0
    /// Requests that were due within the window; with a fixed rate, answered or not.
    var scheduled = 0
    /// The first failure's reason.
    var reason: String?
    private var began: UInt64 = 0
    private var ended: UInt64 = 0
    private let watched: [Int32]
    private var before: (watched: ProcessorTime, own: ProcessorTime)?
    private var after: (watched: ProcessorTime, own: ProcessorTime)?

    init(watched: [Int32]) { self.watched = watched }

    /// Whether the window has begun and not ended.
    var isOpen: Bool { before != nil && after == nil }

    /// Whether `time` is within the window, which is open until it has ended.
    func contains(_ time: UInt64) -> Bool {
        before != nil && time >= began && (after == nil || time < ended)
    }

    mutating func begin(at time: UInt64) {
        began = time
        before = sample()
    }

    mutating func end(at time: UInt64) {
        ended = time
        after = sample()
    }

    private func sample() -> (watched: ProcessorTime, own: ProcessorTime) {
        (ProcessorTime(of: watched), ProcessorTime(of: [getpid()]))
    }

    /// One line of JSON; times of day in seconds, durations in microseconds.
    var json: String {
        guard let before, let after else { return "{}" }
        let seconds = Double(ended - began) / 1e9
        let requests = Double(latencies.total)
        let user = after.watched.userSeconds - before.watched.userSeconds
        let system = after.watched.systemSeconds - before.watched.systemSeconds
        let own =
            after.own.userSeconds + after.own.systemSeconds
            - before.own.userSeconds - before.own.systemSeconds
        let ranks = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
        var pairs = [
            "\"seconds\": \(seconds)",
            "\"requests\": \(latencies.total)",
            "\"scheduled\": \(scheduled)",
            "\"failed\": \(failed)",
            "\"bytes\": \(receivedBytes)",
            "\"requests_per_second\": \(requests / seconds)",
            "\"user_seconds\": \(user)",
            "\"system_seconds\": \(system)",
            "\"cpu_us_per_request\": \(requests > 0 ? (user + system) * 1e6 / requests : 0)",
            "\"generator_cpu_seconds\": \(own)",
        ]
        pairs += ranks.map { "\"\($0)_us\": \(Double(latencies.value(at: $1)) / 1_000)" }
        pairs.append("\"max_us\": \(Double(latencies.largest) / 1_000)")
        if let reason {
            let plain = reason.filter { $0.isASCII && $0 != "\"" && $0 != "\\" && !$0.isNewline }
            pairs.append("\"reason\": \"\(plain)\"")
        }
        return "{\(pairs.joined(separator: ", "))}"
    }
}
