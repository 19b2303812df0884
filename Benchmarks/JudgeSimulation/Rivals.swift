/// The seconds of the last minutes, for judges that look at point values.
struct Recent {
    private var seconds: [Second] = []

    mutating func add(_ second: Second) { seconds.append(second) }

    var count: Int { seconds.count }

    /// Requests, failures and p95 of a slot in the last `length` seconds.
    func figures(_ slot: Int, last length: Int) -> Figures {
        let requests = seconds.suffix(length).flatMap { $0.requests[slot] }
        let times = requests.filter { !$0.fails }.map(\.seconds).sorted()
        let place = min(times.count - 1, Int(0.95 * Double(times.count)))
        return Figures(
            requests: requests.count,
            failures: requests.count { $0.fails },
            p95: times.isEmpty ? 0 : times[place]
        )
    }

    struct Figures {
        let requests: Int
        let failures: Int
        let p95: Double

        var errorRate: Double { requests == 0 ? 0 : Double(failures) / Double(requests) }
    }
}

/// Thresholds held against point values: those of the seed.
enum PointRule {
    /// The seed's: 5 %, twice the other slot, 2 s, one and a half times the other slot.
    static func isBad(_ canary: Recent.Figures, _ stable: Recent.Figures) -> Bool {
        canary.errorRate >= 0.05 || canary.errorRate > 2 * stable.errorRate || canary.p95 >= 2
            || canary.p95 > 1.5 * stable.p95
    }

    /// The same with our floors: a percentage point, 50 ms.
    static func isBadWithFloor(_ canary: Recent.Figures, _ stable: Recent.Figures) -> Bool {
        let errorLimit = max(2 * stable.errorRate, stable.errorRate + 0.01)
        let timeLimit = max(1.5 * stable.p95, stable.p95 + 0.05)
        return canary.errorRate >= 0.05 || canary.errorRate > errorLimit || canary.p95 >= 2
            || canary.p95 > timeLimit
    }
}
