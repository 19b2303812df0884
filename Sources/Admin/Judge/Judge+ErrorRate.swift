import Proxy

extension Judge {
    /// Failed attempts of all, against a fixed limit.
    func errorRate(_ group: JudgeGroup, _ looks: [Look]) -> Verdict.Check {
        let limit = group.thresholds.errorPercent / 100
        let samples = looks.map { group.sum($0.evidence, in: slot).failureRate }
        let failing = zip(looks, samples).first { look, sample in
            sample.isAbove(limit, risk: failRiskOfCheck * look.share)
        }
        let shown = failing?.1 ?? samples.first ?? RateSequence(hits: 0, trials: 0)
        let isEnough = shown.trials >= Double(config.judge.minRequests)
        let state: Verdict.State =
            if failing != nil {
                .fail
            } else if isEnough, shown.isBelow(limit, risk: Self.passRisk) {
                .pass
            } else {
                .inconclusive
            }
        var check = Verdict.Check(name: "error_rate", state: state, reason: "")
        check.service = group.service
        check.route = group.route
        check.value = shown.rate
        check.sampleSize = UInt64(shown.trials)
        check.threshold = limit
        let share = failing?.0.share ?? looks.first?.share ?? 0.5
        check.lowerBound = shown.lowerBound(risk: failRiskOfCheck * share)
        check.upperBound = shown.upperBound(risk: Self.passRisk)
        check.reason = "\(Int(shown.hits)) of \(Int(shown.trials)) attempts failed"
        return check
    }
}
