import Admin

/// Rollouts from the first small share to the end of the watch, looked at every second.
struct WholeRollouts {
    static let percents = [5, 25, 50]
    /// Requests a second of both slots together, so that the first step has 20.
    static let rate = 400.0
    /// Those with the same version in both slots, and the worst canary.
    static let scenarios = Array(Scenario.all.prefix(4))

    let scenario: Scenario
    private(set) var rollouts = 0
    private(set) var promoted = 0
    /// A window was found to be bad: a false alarm where both versions are the same.
    private(set) var alarmed = 0
    private(set) var open = 0
    /// Seconds and looks of all.
    private(set) var looks = 0

    init(_ scenario: Scenario, rollouts: Int, seconds: Int, seed: UInt64) {
        self.scenario = scenario
        for number in 0..<rollouts {
            run(seconds: seconds, seed: seed &* 1_000_003 &+ UInt64(number))
        }
    }

    private mutating func run(seconds: Int, seed: UInt64) {
        var trial = RolloutTrial(percents: Self.percents)
        var stream = Stream(scenario, seed: seed)
        var second = 0
        while trial.outcome == nil, second < seconds {
            second += 1
            stream.canaryRate = Self.rate * trial.share
            stream.stableRate = Self.rate - stream.canaryRate
            for (slot, requests) in stream.next().requests.enumerated() {
                for request in requests {
                    trial.attempt(slot: slot, fails: request.fails, seconds: request.seconds)
                }
            }
            trial.look(after: second)
        }
        rollouts += 1
        looks += second
        if trial.wasBad { alarmed += 1 }
        if trial.outcome == .promoted { promoted += 1 }
        if trial.outcome == nil { open += 1 }
    }

    /// One line of JSON.
    var line: String {
        "{\"scenario\": \"\(scenario.name)\", \"good\": \(scenario.isGood),"
            + " \"rollouts\": \(rollouts), \"promoted\": \(promoted), \"alarmed\": \(alarmed),"
            + " \"open\": \(open), \"looks\": \(looks)}"
    }
}
