import Testing

@testable import Proxy

@Suite("Ejection rules")
struct EjectionRulesTests {
    private static func rules(_ adjust: (inout Config.Ejection) -> Void = { _ in })
        -> EjectionRules
    {
        var ejection = Config.Ejection()
        adjust(&ejection)
        return EjectionRules(ejection)
    }

    @Test func `each ejection takes twice as long as the one before, up to the limit`() {
        let rules = Self.rules()

        let seconds = (0..<8).map { rules.time(level: $0).count / 1_000_000_000 }

        #expect(seconds == [10, 20, 40, 80, 160, 300, 300, 300])
    }

    @Test func `the longest time and many ejections do not overflow`() {
        let rules = Self.rules {
            $0.time = .seconds(86_400)
            $0.timeLimit = .seconds(86_400)
        }

        #expect(rules.time(level: 1_000) == Nanoseconds(.seconds(86_400)))
    }

    @Test func `what speaks against an endpoint`() {
        let failures = AttemptOutcome.allCases.filter { Self.rules().isFailure($0) }
        let more = AttemptOutcome.allCases.filter {
            Self.rules { $0.serverErrors = true }.isFailure($0)
        }

        #expect(
            failures
                == [
                    .connectFailure, .connectTimeout, .responseTimeout, .closed,
                    .malformedResponse,
                ]
        )
        #expect(Set(more) == Set(failures + [.serverError]))
    }

    @Test func `causes have the names of the metric`() {
        #expect(EjectionCause.allCases.map(\.name) == ["consecutive_failures", "failure_percent"])
    }
}
