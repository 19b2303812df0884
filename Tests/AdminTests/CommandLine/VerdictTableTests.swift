import Proxy
import Testing

@testable import Admin

@Suite("Verdict table")
struct VerdictTableTests {
    @Test func `it says first what matters, then both slots, then every check with its figures`() {
        var verdict = Verdict(slot: "green", state: .fail, checks: [])
        verdict.sampleSize = 200
        verdict.failures = 30
        verdict.windowSeconds = 59.8
        var errors = Verdict.Check(name: "error_rate", state: .fail, reason: "too many")
        errors.service = "app"
        errors.value = 0.15
        errors.lowerBound = 0.0712
        errors.upperBound = 0.21
        errors.threshold = 0.05
        errors.sampleSize = 200
        var slow = Verdict.Check(name: "latency_p95", state: .inconclusive, reason: "so far")
        slow.service = "app"
        slow.route = "/api/*"
        slow.value = 0.25
        slow.lowerBound = 0.2
        slow.threshold = 2
        verdict.checks = [errors, slow]
        verdict.leftOut = [
            .init(name: "error_rate_ratio", service: "app", route: nil, reason: "nothing there")
        ]

        var green = Verdict.SlotFigures(slot: "green")
        green.attempts = 200
        green.failures = 30
        green.answers = 175
        green.failedAnswers = 5
        green.rescued = 25
        var blue = Verdict.SlotFigures(slot: "blue")
        blue.attempts = 1_000
        blue.answers = 1_025
        verdict.slots = [green, blue]

        let lines = VerdictTable.text(verdict.json).split(separator: "\n")

        #expect(lines[0] == "green: FAIL · 200 attempts, 30 failed · the last 60 s")
        #expect(lines[1] == "SLOT   ATTEMPTS  FAILED  USERS SAW  FAILED  RESCUED")
        #expect(lines[2] == "green  200       30      175        5       25")
        #expect(lines[3] == "blue   1000      0       1025       0       0")
        #expect(lines[4].hasPrefix("CHECK"))
        #expect(lines[5].contains("FAIL"))
        #expect(lines[5].contains("7.12 % to 21 %"))
        #expect(lines[6].contains("app /api/*"))
        #expect(lines[6].contains("200 ms to ∞"))
        #expect(lines[7] == "left out: error_rate_ratio of app, nothing there")
    }

    @Test(
        "figures as people read them",
        arguments: [(0.0, "0"), (0.05, "0.05"), (12.345, "12.3"), (1_234.5, "1235"), (100, "100")]
    )
    func numbers(value: Double, text: String) {
        #expect(Figures.number(value) == text)
    }
}
