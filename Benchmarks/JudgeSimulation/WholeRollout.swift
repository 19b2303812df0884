import Admin

/// Rollouts from the first small share to the end of the watch, looked at every second.
struct WholeRollouts {
    static let percents = [5, 25, 50]
    /// Requests a second of both slots together, so that the first step has 20.
    static let rate = 400.0
    /// Both versions of these are the same, but for the last.
    static let scenarios = [
        Scenario(name: "same version, 0.2 % errors", isGood: true),
        Scenario(
            name: "same version, 2 % errors",
            canary: Version(errorRate: 0.02),
            stable: Version(errorRate: 0.02),
            isGood: true
        ),
        Scenario(
            name: "same version, 4.5 % errors",
            canary: Version(errorRate: 0.045),
            stable: Version(errorRate: 0.045),
            isGood: true
        ),
        Scenario(name: "10 % errors", canary: Version(errorRate: 0.1), isGood: false),
    ]

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
