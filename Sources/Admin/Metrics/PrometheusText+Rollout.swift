import Proxy

/// The series of rollouts and leases.
extension PrometheusText {
    package struct RolloutFacts: Sendable {
        /// The one that runs or ran last.
        package var rollout: Rollout?
        package var ended: [Rollout.Outcome: UInt64] = [:]
        package var lostNotices: UInt64 = 0
        /// Slots with a lease.
        package var leased: Set<String> = []

        package init() {}
    }

    func writeRollouts(_ facts: RolloutFacts, slots: [String], to writer: inout MetricWriter) {
        let rollout = facts.rollout
        var states = MetricFamily(.gauge, "rollout_state", "Which state the last rollout is in.")
        for word in Rollout.State.words {
            states.add([("state", word)], rollout?.state.word == word ? 1 : 0)
        }
        writer.write(states)

        let running = rollout.flatMap { $0.isOver ? nil : $0 }
        for gauge in gauges(of: rollout, running) {
            var family = MetricFamily(.gauge, gauge.name, gauge.help)
            family.add([], number: gauge.value)
            writer.write(family)
        }
        var ended = MetricFamily(.counter, "rollout_ended_total", "Rollouts that ended, by how.")
        for outcome in Rollout.Outcome.allCases {
            ended.add([("outcome", outcome.rawValue)], facts.ended[outcome] ?? 0)
        }
        writer.write(ended)
        var lost = MetricFamily(
            .counter,
            "rollout_notices_lost_total",
            "Notices that no webhook took."
        )
        lost.add([], facts.lostNotices)
        writer.write(lost)
        var leased = MetricFamily(.gauge, "slot_leased", "Whether a deployment holds the slot.")
        for slot in slots {
            leased.add([("slot", slot)], facts.leased.contains(slot) ? 1 : 0)
        }
        writer.write(leased)
    }

    /// Name, help and value.
    private func gauges(
        of last: Rollout?,
        _ running: Rollout?
    ) -> [(name: String, help: String, value: Double)] {
        func claim(_ isTrue: Bool?) -> Double { isTrue == true ? 1 : 0 }
        let step = running?.state.step.map { $0 + 1 } ?? 0
        let share = (running?.weight ?? .none).percent / 100
        let seconds = Double(last?.elapsed.milliseconds ?? 0) / 1_000
        let failures = Double(last?.userFailures ?? 0)
        return [
            ("rollout_active", "Whether a rollout runs.", claim(running != nil)),
            ("rollout_paused", "Whether it is paused.", claim(running?.isPaused)),
            ("rollout_overdue", "Whether its deadline has passed.", claim(running?.isOverdue)),
            ("rollout_step", "The step it is at or before, from 1; 0 for none.", Double(step)),
            ("rollout_candidate_ratio", "The candidate's configured share.", share),
            ("rollout_bad_windows", "Of the last rollout.", Double(last?.badWindows ?? 0)),
            ("rollout_user_failures", "Failures that users saw of the last candidate.", failures),
            ("rollout_duration_seconds", "How long the last rollout has taken.", seconds),
        ]
    }
}
