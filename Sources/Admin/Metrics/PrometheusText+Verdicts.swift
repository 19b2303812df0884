extension PrometheusText {
    /// What the judge says of each slot, check by check; `check="all"` is the verdict itself.
    func writeVerdicts(_ verdicts: [Verdict], to writer: inout MetricWriter) {
        var states = MetricFamily(
            .gauge,
            "verdict_state",
            "1 for the state that a check of the judge has now, 0 for the others."
        )
        var values = MetricFamily(
            .gauge,
            "verdict_value",
            "What a check of the judge found, as a ratio or in seconds."
        )
        var thresholds = MetricFamily(
            .gauge,
            "verdict_threshold",
            "Where a check of the judge draws the line, as a ratio or in seconds."
        )
        for verdict in verdicts {
            let whole = [
                ("slot", verdict.slot), ("service", ""), ("route", ""), ("check", "all"),
            ]
            add(verdict.state, whole, to: &states)
            for check in verdict.checks {
                let labels = [
                    ("slot", verdict.slot), ("service", check.service ?? ""),
                    ("route", check.route ?? ""), ("check", check.name),
                ]
                add(check.state, labels, to: &states)
                if let value = check.value, value.isFinite { values.add(labels, number: value) }
                if let threshold = check.threshold, threshold.isFinite {
                    thresholds.add(labels, number: threshold)
                }
            }
        }
        for family in [states, values, thresholds] { writer.write(family) }
    }

    private func add(
        _ state: Verdict.State,
        _ labels: [(String, String)],
        to family: inout MetricFamily
    ) {
        for possible in Verdict.State.allCases {
            family.add(labels + [("state", possible.rawValue)], possible == state ? 1 : 0)
        }
    }
}
