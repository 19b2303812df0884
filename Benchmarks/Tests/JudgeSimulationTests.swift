import Testing

@testable import judge_simulation

@Suite("Judge simulation")
struct JudgeSimulationTests {
    @Test func `the judge leaves a good canary alone and catches a bad one`() throws {
        let good = try #require(Scenario.all.first)
        let bad = try #require(Scenario.all.first { $0.name == "10 % errors" })

        let alike = Tally(good, rollouts: 10, seconds: 30, seed: 7)
        let worse = Tally(bad, rollouts: 10, seconds: 40, seed: 7)

        #expect(alike.count(0, .caught) == 0)
        #expect(alike.count(0, .passed) >= 5)
        #expect(worse.count(0, .caught) == 10)
        #expect(worse.passedBefore(0) == 0)
        #expect(try #require(worse.requests(0, quantile: 0.5)) < 1_000)
    }

    @Test func `whole rollouts of good canaries go through, and of bad ones none`() throws {
        let good = try #require(WholeRollouts.scenarios.first)
        let bad = try #require(WholeRollouts.scenarios.last)

        let alike = WholeRollouts(good, rollouts: 2, seconds: 900, seed: 7)
        let worse = WholeRollouts(bad, rollouts: 2, seconds: 300, seed: 7)

        #expect([alike.rollouts, alike.promoted, alike.alarmed, alike.open] == [2, 2, 0, 0])
        // Three steps of a minute and a watch of five.
        #expect(alike.looks >= 2 * 480)
        #expect([worse.rollouts, worse.promoted, worse.alarmed, worse.open] == [2, 0, 2, 0])
    }

    @Test func `the same seed makes the same rollouts`() {
        let lines = (0..<2).map { _ in
            Tally(Scenario.all[3], rollouts: 3, seconds: 10, seed: 3).line
        }

        #expect(lines[0] == lines[1])
        #expect(lines[0].contains("\"rollouts\": 3"))
    }
}
