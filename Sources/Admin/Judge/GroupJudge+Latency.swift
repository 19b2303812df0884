import Proxy

extension GroupJudge {
    /// The share of attempts that may take longer than the p95.
    private static let slowShare = 0.05

    /// The p95 of the time to a response's head, against a fixed limit.
    var latency: Finding? {
        guard let limit = group.thresholds.p95?.inSeconds else { return nil }
        let question = Question<LatencyHistogram>(
            sample: { $0.mine.times },
            size: { $0.total },
            isBad: { $0.above(limit).isAbove(Self.slowShare, risk: $1) },
            isGood: { $0.perhapsAbove(limit).isBelow(Self.slowShare, risk: $1) },
            scaled: { $0.scaled($1) }
        )
        let (state, view, sample) = decide(question)
        var check = check("latency_p95")
        check.state = state
        check.threshold = limit
        check.show(sample, failRisk: view.risk, passRisk: Judge.passRisk)
        let value = sample.total > 0 ? "the p95 is \(Figures.time(check.value))" : "no response yet"
        check.reason =
            switch state {
            case .fail: "\(value), surely more than \(Figures.time(limit))"
            case .pass: "\(value), surely less than \(Figures.time(limit))"
            case .inconclusive: value
            }
        foresee(&check, question, sample)
        return .check(check)
    }

    /// The p95 of the time to a response's head, against the other slot's.
    var latencyRatio: Finding? {
        guard let ratio = group.thresholds.p95Ratio else { return nil }
        guard let present = views[0].comparison, present.otherTimes.total > 0 else {
            return leftOut("latency_p95_ratio", Self.noOther)
        }
        let margin = Margin(ratio: ratio, floor: group.thresholds.p95Floor.inSeconds)
        let question = Question<Comparison>(
            sample: { $0.comparison ?? .empty },
            size: { $0.times.total },
            isBad: { sample, risk in
                let other = sample.otherTimes.slowBound(risk: risk / 2)
                return sample.times.above(margin.limit(other))
                    .isAbove(Self.slowShare, risk: risk / 2)
            },
            isGood: { sample, risk in
                let other = sample.otherTimes.quickBound(risk: risk * 0.2)
                return sample.times.perhapsAbove(margin.limit(other))
                    .isBelow(Self.slowShare, risk: risk * 0.8)
            },
            scaled: { $0.scaled($1) }
        )
        let (state, view, sample) = decide(question)
        var check = check("latency_p95_ratio")
        check.state = state
        check.show(sample.times, failRisk: view.risk / 2, passRisk: Judge.passRisk * 0.8)
        let other = sample.otherTimes
        check.baseline = Verdict.Baseline(
            value: other.quantile(1 - Self.slowShare),
            sampleSize: UInt64(other.total),
            lowerBound: other.quickBound(risk: Judge.passRisk * 0.2),
            upperBound: other.slowBound(risk: view.risk / 2)
        )
        check.threshold = check.baseline?.value.map(margin.limit)
        let theirs = Figures.time(check.baseline?.value)
        check.reason = "the p95 is \(Figures.time(check.value)), \(theirs) in the other slot"
        check.reason += margin.words(state, floor: Figures.time(margin.floor))
        foresee(&check, question, sample)
        return .check(check)
    }
}

extension LatencyHistogram {
    /// Below the p95, but for a chance of `risk`.
    fileprivate func quickBound(risk: Double) -> Double {
        lowerBound(exceededBy: 0.05, risk: risk)
    }

    /// Above the p95, but for a chance of `risk`.
    fileprivate func slowBound(risk: Double) -> Double {
        upperBound(exceededBy: 0.05, risk: risk)
    }

    /// So many times the sample; of nothing, so many times that are as short as can be.
    func scaled(_ factor: Double) -> LatencyHistogram {
        var scaled = LatencyHistogram()
        if total == 0 { scaled.add(factor, at: 0) } else { scaled.add(self, times: factor) }
        return scaled
    }
}

extension Verdict.Check {
    /// Shows a p95 with the bounds that decide: the lower for a fail, the upper for a pass.
    fileprivate mutating func show(_ times: LatencyHistogram, failRisk: Double, passRisk: Double) {
        value = times.quantile(0.95)
        sampleSize = UInt64(times.total)
        guard times.total > 0 else { return }
        lowerBound = times.quickBound(risk: failRisk)
        upperBound = times.slowBound(risk: passRisk)
    }
}
