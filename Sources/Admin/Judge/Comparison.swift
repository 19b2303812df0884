/// Both slots over the routes that both served, as if the other slot had served the same mix.
///
/// A canary that got more of a slow route is not slow for that. So the other slot's figures of each
/// route are weighted by the judged slot's share of that route. A weighted sample tells less than
/// its size: it counts as the unweighted one with the same variance (Kish 1965).
struct Comparison: Equatable {
    /// One route.
    struct Stratum {
        let mine: Evidence.Route
        let other: Evidence.Route
    }

    /// Failures of the judged slot, and of the other one in its mix.
    let failures: RateSequence
    let otherFailures: RateSequence
    /// Times of the judged slot, and of the other one in its mix.
    let times: LatencyHistogram
    let otherTimes: LatencyHistogram

    init(
        failures: RateSequence,
        otherFailures: RateSequence,
        times: LatencyHistogram,
        otherTimes: LatencyHistogram
    ) {
        self.failures = failures
        self.otherFailures = otherFailures
        self.times = times
        self.otherTimes = otherTimes
    }

    /// nil when there is no route that both served.
    init?(_ strata: [Stratum]) {
        let common = strata.filter { $0.mine.attempts > 0 && $0.other.attempts > 0 }
        guard !common.isEmpty else { return nil }
        var mine = Evidence.Route()
        for stratum in common { mine.add(stratum.mine) }
        failures = mine.failureRate
        otherFailures = Self.failures(common, total: Double(mine.attempts))
        let timed = common.filter { $0.mine.times.total > 0 && $0.other.times.total > 0 }
        var times = LatencyHistogram()
        for stratum in timed { times.add(stratum.mine.times) }
        self.times = times
        otherTimes = Self.times(timed, total: times.total)
    }

    private static func failures(_ strata: [Stratum], total: Double) -> RateSequence {
        var rate = 0.0
        var smoothRate = 0.0
        var variance = 0.0
        var spread = 0.0
        for stratum in strata {
            let other = stratum.other.failureRate
            let weight = Double(stratum.mine.attempts) / total
            // Half a failure more, so that a route without any still has a variance.
            let smooth = (other.hits + 0.5) / (other.trials + 1)
            rate += weight * other.hits / other.trials
            smoothRate += weight * smooth
            variance += weight * weight * smooth * (1 - smooth) / other.trials
            spread += weight * weight / other.trials
        }
        // The smaller of two sizes: by the weights alone, and by what they do to the variance.
        let size = min(1 / spread, smoothRate * (1 - smoothRate) / variance)
        return RateSequence(hits: rate * size, trials: size)
    }

    private static func times(_ strata: [Stratum], total: Double) -> LatencyHistogram {
        let weighted = strata.map { stratum in
            (weight: stratum.mine.times.total / total, times: stratum.other.times)
        }
        let spread = weighted.reduce(0) { $0 + $1.weight * $1.weight / $1.times.total }
        return weighted.reduce(into: LatencyHistogram()) { sum, route in
            sum.add(route.times, times: route.weight / spread / route.times.total)
        }
    }
}
