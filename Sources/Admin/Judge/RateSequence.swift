import CLinux
import Glibc

/// A confidence sequence for a rate: bounds that hold at every look at once, not at one.
///
/// The likelihood of what was seen, mixed over all rates by a beta distribution, is divided by its
/// likelihood at one rate. If that rate is the true one, the quotient is a martingale that begins at
/// 1, so the chance that it ever reaches 1/risk is at most `risk` (Ville 1939; Robbins 1970; Howard,
/// Ramdas, McAuliffe and Sekhon 2021). A rate whose quotient is beyond that is out of the interval.
/// It is the sequential relative of the Clopper-Pearson interval: exact, for any number of trials.
struct RateSequence: Equatable {
    /// Trials that hit; a weighted sample has fractions of them.
    var hits: Double
    var trials: Double

    /// The point estimate; nil without trials.
    var rate: Double? { trials > 0 ? hits / trials : nil }

    /// Where the mixture expects the rate: `Beta(hits, misses)`.
    ///
    /// It decides how soon a bound is tight and never whether it holds. Half a hit is Jeffreys'
    /// choice; misses are so many that the weight lies where thresholds are.
    private struct Mixture {
        let hits: Double
        let misses: Double

        /// For rates that are too high: 5 to 50 %.
        static let lower = Mixture(hits: 0.5, misses: 5)
        /// For rates near 0, which are to be shown to be low.
        static let upper = Mixture(hits: 0.5, misses: 50)
    }

    // MARK: Deciding

    /// Whether the rate is above `limit`, but for a chance of `risk` over all looks together.
    func isAbove(_ limit: Double, risk: Double) -> Bool {
        guard let rate, rate > limit else { return false }
        return logQuotient(at: limit, .lower) >= -log(risk)
    }

    /// Whether the rate is below `limit`, likewise.
    func isBelow(_ limit: Double, risk: Double) -> Bool {
        guard let rate, rate < limit else { return false }
        return logQuotient(at: limit, .upper) >= -log(risk)
    }

    // MARK: Bounds

    /// The largest limit that the rate is above, 0 if there is none.
    func lowerBound(risk: Double) -> Double {
        guard let rate, rate > 0 else { return 0 }
        return Self.border(0, rate) { !isAbove($0, risk: risk) }
    }

    /// The least limit that the rate is below, 1 if there is none.
    func upperBound(risk: Double) -> Double {
        guard let rate, rate < 1 else { return 1 }
        return Self.border(rate, 1) { isBelow($0, risk: risk) }
    }

    /// Where `holds` turns from false to true, to a billionth.
    private static func border(_ low: Double, _ high: Double, _ holds: (Double) -> Bool) -> Double {
        var (low, high) = (low, high)
        while high - low > 1e-9 {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle }
        }
        return (low + high) / 2
    }

    /// The logarithm of the quotient.
    private func logQuotient(at rate: Double, _ mixture: Mixture) -> Double {
        let misses = trials - hits
        return logBeta(mixture.hits + hits, mixture.misses + misses)
            - logBeta(mixture.hits, mixture.misses)
            - (hits > 0 ? hits * log(rate) : 0) - (misses > 0 ? misses * log1p(-rate) : 0)
    }
}

/// The logarithm of the beta function.
func logBeta(_ first: Double, _ second: Double) -> Double {
    logGamma(first) + logGamma(second) - logGamma(first + second)
}

/// The C library's `lgamma` keeps a sign in a global; this one does not.
private func logGamma(_ value: Double) -> Double {
    var sign: Int32 = 0
    return unsafe lgamma_r(value, &sign)
}
