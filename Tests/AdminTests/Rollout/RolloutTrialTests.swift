import Testing

@testable import Admin

@Suite("Rollout trial")
struct RolloutTrialTests {
    /// Second after second 300 requests a slot, of which so many of the candidate's fail.
    private static func run(
        _ trial: inout RolloutTrial,
        _ seconds: ClosedRange<Int>,
        failures: Int = 0
    ) {
        for second in seconds {
            for slot in 0...1 {
                for number in 0..<300 {
                    let fails = slot == 0 && number < failures
                    trial.attempt(slot: slot, fails: fails, seconds: 0.05)
                }
            }
            trial.look(after: second)
        }
    }

    @Test func `a good candidate climbs a step a minute and is watched to its end`() {
        var trial = RolloutTrial(percents: [5, 50])
        #expect(trial.share == 0.05)

        Self.run(&trial, 1...59)
        #expect(trial.share == 0.05)
        Self.run(&trial, 60...60)
        #expect(trial.share == 0.5)
        Self.run(&trial, 61...120)
        #expect(trial.isPromoted && trial.share == 0.95)
        Self.run(&trial, 121...419)
        #expect(trial.outcome == nil)
        Self.run(&trial, 420...420)

        #expect(trial.outcome == .promoted)
        #expect(!trial.wasBad)
    }

    @Test func `a bad one goes to the floor, and is over at the second bad window`() {
        var trial = RolloutTrial(percents: [50])

        Self.run(&trial, 1...1, failures: 60)
        #expect(trial.wasBad && trial.share == 0.01)
        Self.run(&trial, 2...2, failures: 60)

        #expect(trial.outcome == .aborted)
    }

    @Test func `what was counted before a share changed is no evidence after it`() {
        var trial = RolloutTrial(percents: [50])
        Self.run(&trial, 1...1, failures: 60)
        #expect(trial.share == 0.01)

        // The window that held the failures would end it here.
        Self.run(&trial, 2...10)

        #expect(trial.outcome == nil)
        #expect(trial.share == 0.5)
    }
}
