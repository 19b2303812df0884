import Proxy
import Testing

@testable import Admin

@Suite("Metrics of rollouts")
struct PrometheusTextRolloutTests {
    private func page(_ change: (inout PrometheusText.RolloutFacts) -> Void) -> String {
        var facts = PrometheusText.Facts(
            routing: RoutingState(generation: 1, active: SlotID(0)),
            slots: ["blue", "green"]
        )
        change(&facts.rollouts)
        return PrometheusText(facts, format: .prometheus).page()
    }

    @Test func `a rollout that runs shows its state, step, share and counts`() throws {
        var rollout = Rollout.sample()
        try rollout.take(.probed(.passed), Rollout.good, .userFailures(3))
        let text = page { $0.rollout = rollout }

        for line in [
            "rollout_active 1", "rollout_state{state=\"running\"} 1",
            "rollout_state{state=\"probing\"} 0", "rollout_step 2",
            "rollout_candidate_ratio 0.25", "rollout_user_failures 3",
            "rollout_duration_seconds 180",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
    }

    @Test func `ends, losses and leases are counted`() {
        let text = page { facts in
            facts.ended = [.rolledBack: 2]
            facts.lostNotices = 4
            facts.leased = ["green"]
        }

        for line in [
            "rollout_active 0", "rollout_ended_total{outcome=\"rolled_back\"} 2",
            "rollout_ended_total{outcome=\"promoted\"} 0", "rollout_notices_lost_total 4",
            "slot_leased{slot=\"green\"} 1", "slot_leased{slot=\"blue\"} 0",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
    }

    @Test func `promtool has nothing to say`() throws {
        var rollout = Rollout.sample()
        try rollout.take(.probed(.passed))

        #expect(try Promtool.findings(page { $0.rollout = rollout }) == "")
    }
}
