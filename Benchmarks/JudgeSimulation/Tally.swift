/// What came of many rollouts of one scenario.
struct Tally {
    let scenario: Scenario
    private(set) var rollouts = 0
    private var endings: [[Rollout.Ending]] = [[], [], []]

    static let judges = ["switchyard", "script", "threshold"]

    init(_ scenario: Scenario, rollouts: Int, seconds: Int, seed: UInt64) {
        self.scenario = scenario
        for number in 0..<rollouts {
            let one = Rollout(scenario, seconds: seconds, seed: seed &* 1_000_003 &+ UInt64(number))
            self.rollouts += 1
            for (place, ending) in [one.judge, one.script, one.plain].enumerated() {
                endings[place].append(ending)
            }
        }
    }

    /// How many of a judge's rollouts ended so.
    func count(_ judge: Int, _ word: Rollout.Ending.Word) -> Int {
        endings[judge].count { $0.word == word }
    }

    func passedBefore(_ judge: Int) -> Int { endings[judge].count(where: \.passedBefore) }

    /// Requests until it caught the canary, in the given share of those that it caught.
    func requests(_ judge: Int, quantile: Double) -> Int? {
        let counts = endings[judge].filter { $0.word == .caught }.map(\.requests).sorted()
        guard !counts.isEmpty else { return nil }
        return counts[min(counts.count - 1, Int(quantile * Double(counts.count)))]
    }

    /// One line of JSON.
    var line: String {
        let judges = Self.judges.enumerated().map { place, name in
            let figures = [
                "\"caught\": \(count(place, .caught))", "\"passed\": \(count(place, .passed))",
                "\"undecided\": \(count(place, .undecided))",
                "\"passed_before\": \(passedBefore(place))",
                "\"requests_p50\": \(requests(place, quantile: 0.5).map(String.init) ?? "null")",
                "\"requests_p99\": \(requests(place, quantile: 0.99).map(String.init) ?? "null")",
            ]
            return "\"\(name)\": {\(figures.joined(separator: ", "))}"
        }
        return "{\"scenario\": \"\(scenario.name)\", \"good\": \(scenario.isGood),"
            + " \"rollouts\": \(rollouts), \(judges.joined(separator: ", "))}"
    }
}
