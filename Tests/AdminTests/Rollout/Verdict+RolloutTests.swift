import Proxy
import Testing

@testable import Admin

@Suite("Verdict of a rollout")
struct VerdictRolloutTests {
    private static func verdict(_ checks: (String, Verdict.State)...) -> Verdict {
        let checks = checks.map { Verdict.Check(name: $0.0, state: $0.1, reason: "because") }
        return Verdict(slot: "green", state: .pass, checks: []).adding(checks)
    }

    @Test(arguments: [
        (verdict(("a", .pass), ("b", .pass)), Verdict.State.pass),
        (verdict(("a", .pass), ("b", .inconclusive)), .inconclusive),
        (verdict(("a", .fail), ("b", .inconclusive)), .fail),
        (Verdict(slot: "green", state: .fail, checks: []).withoutComparison, .inconclusive),
    ])
    func `the worst check decides, and none is no pass`(verdict: Verdict, state: Verdict.State) {
        #expect(verdict.state == state)
    }

    @Test func `without a control group there is nothing to compare`() {
        let verdict = Self.verdict(("error_rate", .pass), ("error_rate_ratio", .inconclusive))

        #expect(verdict.state == .inconclusive)
        #expect(verdict.withoutComparison.state == .pass)
    }

    @Test func `a sentence says what is missing, or what failed`() {
        var unclear = Self.verdict(("a", .inconclusive), ("query", .inconclusive))
        unclear.requestsNeeded = 41
        unclear.secondsNeeded = 8.2
        unclear.checks[0].requestsNeeded = 41
        #expect(unclear.sentence == "41 more requests needed, about 9 s; query: because")

        var failed = Self.verdict(("error_rate", .fail), ("p95", .pass))
        failed.checks[0].service = "backend"
        #expect(failed.sentence == "error_rate of backend: because")
    }

    @Test func `figures keep what failed before what passed`() throws {
        let checks = (0..<20).map { number in
            Verdict.Check(name: "c\(number)", state: number == 19 ? .fail : .pass, reason: "")
        }
        let verdict = Verdict(slot: "green", state: .pass, checks: []).adding(checks)

        let figures = try JSONParser.parse(Array(verdict.figures(undecidedAt: nil).utf8))

        #expect(figures["verdict"]?.string == "fail")
        #expect(figures["checks"]?.array?.count == 8)
        #expect(figures["checks"]?.array?.first?["check"]?.string == "c19")
    }
}
