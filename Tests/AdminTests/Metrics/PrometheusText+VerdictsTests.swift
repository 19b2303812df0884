import Proxy
import Testing

@testable import Admin

@Suite("Metrics of verdicts")
struct PrometheusTextVerdictsTests {
    private func page(_ verdicts: Verdict..., format: ExpositionFormat = .prometheus) -> String {
        text(verdicts, format: format).page()
    }

    private func text(
        _ verdicts: [Verdict],
        format: ExpositionFormat = .prometheus
    ) -> PrometheusText {
        var facts = PrometheusText.Facts(
            routing: RoutingState(generation: 1, active: SlotID(0)),
            slots: ["blue", "green"]
        )
        facts.verdicts = verdicts
        return PrometheusText(facts, format: format)
    }

    private func samples(_ page: String) -> [Substring] {
        page.split(separator: "\n").filter { $0.hasPrefix("verdict_") }
    }

    private static func check(
        _ name: String,
        _ state: Verdict.State,
        value: Double?,
        threshold: Double?
    ) -> Verdict.Check {
        var check = Verdict.Check(name: name, state: state, reason: "")
        check.value = value
        check.threshold = threshold
        return check
    }

    /// A slot whose errors are too many; its p95 is undecided on one route.
    private static var failed: Verdict {
        var errors = check("error_rate", .fail, value: 0.125, threshold: 0.05)
        errors.service = "backend"
        var slow = check("latency_p95", .inconclusive, value: 1.5, threshold: 2)
        slow.service = "backend"
        slow.route = "/api/*"
        return Verdict(slot: "green", state: .fail, checks: [errors, slow])
    }

    @Test func `each check has a state, a value and a threshold, and the verdict a state`() {
        let errors = #"slot="green",service="backend",route="",check="error_rate""#
        let slow = #"slot="green",service="backend",route="/api/*",check="latency_p95""#
        let all = #"slot="green",service="",route="",check="all""#

        #expect(
            samples(page(Self.failed)) == [
                #"verdict_state{\#(all),state="pass"} 0"#,
                #"verdict_state{\#(all),state="fail"} 1"#,
                #"verdict_state{\#(all),state="inconclusive"} 0"#,
                #"verdict_state{\#(errors),state="pass"} 0"#,
                #"verdict_state{\#(errors),state="fail"} 1"#,
                #"verdict_state{\#(errors),state="inconclusive"} 0"#,
                #"verdict_state{\#(slow),state="pass"} 0"#,
                #"verdict_state{\#(slow),state="fail"} 0"#,
                #"verdict_state{\#(slow),state="inconclusive"} 1"#,
                #"verdict_value{\#(errors)} 0.125"#,
                #"verdict_value{\#(slow)} 1.5"#,
                #"verdict_threshold{\#(errors)} 0.05"#,
                #"verdict_threshold{\#(slow)} 2"#,
            ]
        )
    }

    @Test func `without requests nothing passes, and what there is none of has no value`() {
        let nothing = JudgeTests.verdict(
            JudgeTests.evidence(green: [:], probes: .init(passed: 0, failed: 0))
        )

        let found = samples(page(nothing))

        let passes = found.filter { $0.contains(#"state="pass""#) }
        #expect(passes.count == nothing.checks.count + 1)
        #expect(passes.allSatisfy { $0.hasSuffix("} 0") })
        let open = found.filter { $0.contains(#"state="inconclusive""#) }
        #expect(open.count == passes.count && open.allSatisfy { $0.hasSuffix("} 1") })
        #expect(!found.contains { $0.hasPrefix("verdict_value") })
        // The line is drawn wherever the slot stands.
        #expect(found.count { $0.hasPrefix("verdict_threshold") } == nothing.checks.count)
    }

    @Test(arguments: [nil, Double.nan, .infinity, -.infinity])
    func `what is no number is left out, never exported as one`(figure: Double?) {
        let odd = Self.check("query orders", .inconclusive, value: figure, threshold: figure)
        let sound = Self.check("error_rate", .pass, value: 0.25, threshold: 0.5)
        let page = page(Verdict(slot: "green", state: .inconclusive, checks: [odd, sound]))

        let found = samples(page)

        let labels = #"slot="green",service="",route="",check="query orders""#
        #expect(
            found.filter { $0.contains("query orders") } == [
                #"verdict_state{\#(labels),state="pass"} 0"#,
                #"verdict_state{\#(labels),state="fail"} 0"#,
                #"verdict_state{\#(labels),state="inconclusive"} 1"#,
            ]
        )
        #expect(found.count { $0.contains(#"check="error_rate"} 0."#) } == 2)
        #expect(!page.lowercased().contains("nan") && !page.contains("Inf"))
    }

    @Test func `a slot's page has that slot's verdict alone`() {
        var other = Self.failed
        other.slot = "blue"

        let page = text([other, Self.failed]).page(slot: "blue", service: nil)

        #expect(samples(page).count == 13)
        #expect(samples(page).allSatisfy { $0.contains(#"slot="blue""#) })
    }

    @Test func `narrowed to a service, it has no other service's checks`() {
        var both = Self.failed
        both.checks[1].service = "frontend"

        let page = text([both]).page(slot: "green", service: "backend")

        #expect(!page.contains("frontend"))
        #expect(samples(page).count { $0.contains(#"service="backend""#) } == 5)
        #expect(samples(page).contains { $0.contains(#"check="all",state="fail"} 1"#) })
    }

    @Test func `promtool has nothing to say`() throws {
        #expect(try Promtool.findings(page(Self.failed)) == "")
    }

    @Test func `OpenMetrics has the same series`() {
        let open = samples(page(Self.failed, format: .openMetrics))

        #expect(open.count == 13)
        #expect(
            open.contains {
                $0.hasPrefix("verdict_state{") && $0.hasSuffix("} 1.0") || $0.hasSuffix("} 1")
            }
        )
    }
}
