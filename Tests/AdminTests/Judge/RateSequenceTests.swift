import TestSupport
import Testing

@testable import Admin

@Suite("Rate sequence")
struct RateSequenceTests {
    @Test(
        "the logarithm of the beta function, against closed forms",
        arguments: [
            // B(1, n) = 1/n, B(1/2, 1/2) = π, B(2, 3) = 1/12, B(5, 5) = 1/630.
            (1.0, 4.0, 0.25), (0.5, 0.5, Double.pi), (2, 3, 1.0 / 12), (5, 5, 1.0 / 630),
            (1, 1e6, 1e-6),
        ] as [(Double, Double, Double)]
    )
    func logBetaIsExact(first: Double, second: Double, beta: Double) {
        #expect((logBeta(first, second) - beta.logarithm).magnitude < 1e-9)
    }

    /// The quotient is a binomial likelihood mixed over a beta distribution: the integral itself,
    /// by Simpson's rule, gives the same borders.
    @Test(arguments: [(0, 100), (2, 40), (10, 100), (30, 60), (250, 5_000)] as [(Double, Double)])
    func `bounds lie where the integrated likelihood says`(hits: Double, trials: Double) {
        let sample = RateSequence(hits: hits, trials: trials)

        let upper = sample.upperBound(risk: 0.05)
        let lower = sample.lowerBound(risk: 0.001)

        let above = MixedLikelihood(hits: hits, trials: trials, prior: (0.5, 50))
        #expect((above.quotient(at: upper) - 20).magnitude < 0.05)
        guard hits > 0 else {
            #expect(lower == 0)
            return
        }
        let below = MixedLikelihood(hits: hits, trials: trials, prior: (0.5, 5))
        #expect((below.quotient(at: lower) - 1_000).magnitude < 5)
    }

    @Test(
        "what so many clean requests prove, at a risk of 5 %",
        arguments: [(59, false), (80, true), (100, true), (1_000, true)]
    )
    func cleanRequests(count: Int, isEnough: Bool) {
        let sample = RateSequence(hits: 0, trials: Double(count))

        #expect(sample.isBelow(0.05, risk: 0.05) == isEnough)
    }

    @Test func `nothing seen proves nothing`() {
        let sample = RateSequence(hits: 0, trials: 0)

        #expect(sample.rate == nil)
        #expect(!sample.isBelow(1, risk: 0.5))
        #expect(!sample.isAbove(0, risk: 0.5))
        #expect(sample.lowerBound(risk: 0.05) == 0)
        #expect(sample.upperBound(risk: 0.05) == 1)
    }

    @Test(arguments: [(0, 1), (1, 1), (1, 2), (5, 200), (4.5, 87.25)] as [(Double, Double)])
    func `the bounds surround the rate, and less risk widens them`(hits: Double, trials: Double) {
        let sample = RateSequence(hits: hits, trials: trials)
        let rate = hits / trials

        for risk in [0.2, 0.05, 1e-3, 1e-6] {
            #expect(sample.lowerBound(risk: risk) <= rate)
            #expect(sample.upperBound(risk: risk) >= rate)
            #expect(sample.lowerBound(risk: risk / 2) <= sample.lowerBound(risk: risk))
            #expect(sample.upperBound(risk: risk / 2) >= sample.upperBound(risk: risk))
        }
    }

    /// The promise that a fixed-sample interval breaks: looked at after every single trial, the
    /// bounds leave the true rate out in fewer than `risk` of all runs.
    @Test(arguments: [0.01, 0.05, 0.3])
    func `the true rate stays inside at every look`(rate: Double) {
        var random = SeededRandom(seed: 20_261_128)
        let runs = 400
        var left = 0
        for _ in 0..<runs {
            var sample = RateSequence(hits: 0, trials: 0)
            for _ in 0..<1_000 {
                sample.trials += 1
                if Double.random(in: 0..<1, using: &random) < rate { sample.hits += 1 }
                if sample.isAbove(rate, risk: 0.05) || sample.isBelow(rate, risk: 0.05) {
                    left += 1
                    break
                }
            }
        }
        // Each side has its 5 %; four standard deviations of 10 % of 400 runs are 24.
        #expect(left <= 40 + 24, "left in \(left) of \(runs) runs")
    }
}

/// `∫ p^hits (1-p)^misses dBeta(p) / (q^hits (1-q)^misses)` by brute force.
private struct MixedLikelihood {
    let hits: Double
    let trials: Double
    let prior: (Double, Double)

    /// With `p = sin²t`, in which the density of a beta distribution has no pole.
    func quotient(at rate: Double) -> Double {
        let steps = 200_000
        let width = (Double.pi / 2) / Double(steps)
        var top = 0.0
        var bottom = 0.0
        for step in 0..<steps {
            let angle = (Double(step) + 0.5) * width
            let p = angle.sine * angle.sine
            let weight =
                (2 * prior.0 - 1) * angle.sine.logarithm
                + (2 * prior.1 - 1) * angle.cosine.logarithm
            let ratio =
                hits * (p / rate).logarithm + (trials - hits) * ((1 - p) / (1 - rate)).logarithm
            top += (weight + ratio).exponential
            bottom += weight.exponential
        }
        return top / bottom
    }
}
