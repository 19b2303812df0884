import Proxy

extension GroupJudge {
    /// Failed attempts of all, against a fixed limit.
    var errorRate: Finding {
        let limit = group.thresholds.errorPercent / 100
        let question = Question<RateSequence>(
            sample: { $0.mine.failureRate },
            size: { $0.trials },
            isBad: { $0.isAbove(limit, risk: $1) },
            isGood: { $0.isBelow(limit, risk: $1) },
            scaled: { $0.scaled($1) }
        )
        let (state, view, sample) = decide(question)
        var check = check("error_rate")
        check.state = state
        check.threshold = limit
        check.show(sample, failRisk: view.risk, passRisk: Judge.passRisk)
        let count = "\(Int(sample.hits)) of \(Int(sample.trials)) attempts failed"
        check.reason =
            switch state {
            case .fail: "\(count), surely more than \(Figures.percent(limit))"
            case .pass: "\(count), surely less than \(Figures.percent(limit))"
            case .inconclusive: count
            }
        foresee(&check, question, sample)
        return .check(check)
    }

    /// Failed attempts of all, against the other slot's.
    var errorRatio: Finding? {
        guard let ratio = group.thresholds.errorRatio else { return nil }
        guard views[0].comparison != nil else { return leftOut("error_rate_ratio", Self.noOther) }
        let margin = Margin(ratio: ratio, floor: group.thresholds.errorFloorPercent / 100)
        let question = Question<Comparison>(
            sample: { $0.comparison ?? .empty },
            size: { $0.failures.trials },
            isBad: { sample, risk in
                let limit = margin.limit(sample.otherFailures.upperBound(risk: risk / 2))
                return sample.failures.isAbove(limit, risk: risk / 2)
            },
            isGood: { sample, risk in
                let limit = margin.limit(sample.otherFailures.lowerBound(risk: risk * 0.2))
                return sample.failures.isBelow(limit, risk: risk * 0.8)
            },
            scaled: { $0.scaled($1) }
        )
        let (state, view, sample) = decide(question)
        var check = check("error_rate_ratio")
        check.state = state
        check.show(sample.failures, failRisk: view.risk / 2, passRisk: Judge.passRisk * 0.8)
        check.baseline = Verdict.Baseline(
            sample.otherFailures,
            failRisk: view.risk / 2,
            passRisk: Judge.passRisk * 0.2
        )
        let other = sample.otherFailures.rate ?? 0
        check.threshold = margin.limit(other)
        let (mine, theirs) = (sample.failures.rate ?? 0, Figures.percent(other))
        check.reason = "\(Figures.percent(mine)) failed, \(theirs) in the other slot"
        check.reason += margin.words(state, floor: Figures.points(margin.floor))
        foresee(&check, question, sample)
        return .check(check)
    }
}

/// How much worse than the other slot is too much: a ratio, but at least a floor above it.
struct Margin: Equatable {
    let ratio: Double
    let floor: Double

    func limit(_ other: Double) -> Double { max(ratio * other, other + floor) }

    func words(_ state: Verdict.State, floor: String) -> String {
        let limit = "\(Figures.number(ratio)) times it and \(floor) above it"
        return switch state {
        case .fail: ", surely over \(limit)"
        case .pass: ", surely not over \(limit)"
        case .inconclusive: ""
        }
    }
}

extension RateSequence {
    /// So many times the sample; of nothing, so many trials without a hit.
    func scaled(_ factor: Double) -> RateSequence {
        trials == 0
            ? RateSequence(hits: 0, trials: factor)
            : RateSequence(hits: hits * factor, trials: trials * factor)
    }
}

extension Comparison {
    /// No route that both served, which a short window may show where a longer one has some.
    static let empty = Comparison(
        failures: RateSequence(hits: 0, trials: 0),
        otherFailures: RateSequence(hits: 0, trials: 0),
        times: LatencyHistogram(),
        otherTimes: LatencyHistogram()
    )

    func scaled(_ factor: Double) -> Comparison {
        Comparison(
            failures: failures.scaled(factor),
            otherFailures: otherFailures.scaled(factor),
            times: times.scaled(factor),
            otherTimes: otherTimes.scaled(factor)
        )
    }
}

extension Verdict.Check {
    /// Shows a rate with the bounds that decide: the lower for a fail, the upper for a pass.
    fileprivate mutating func show(_ sample: RateSequence, failRisk: Double, passRisk: Double) {
        value = sample.rate
        sampleSize = UInt64(sample.trials)
        guard sample.trials > 0 else { return }
        lowerBound = sample.lowerBound(risk: failRisk)
        upperBound = sample.upperBound(risk: passRisk)
    }
}

extension Verdict.Baseline {
    /// The other slot's rate: its upper bound bears on a fail, its lower one on a pass.
    fileprivate init(_ sample: RateSequence, failRisk: Double, passRisk: Double) {
        self.init(
            value: sample.rate,
            sampleSize: UInt64(sample.trials),
            lowerBound: sample.lowerBound(risk: passRisk),
            upperBound: sample.upperBound(risk: failRisk)
        )
    }
}
