import Admin
import CLinux
import Glibc

/// Numbers that are the same for the same seed (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Evenly spread over 0 to 1, neither included.
    mutating func fraction() -> Double { (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992 }

    /// How many of things that come by chance come, where `mean` are expected (Knuth's product).
    mutating func poisson(_ mean: Double) -> Int {
        var count = 0
        var product = fraction()
        let end = exp(-mean)
        while product > end {
            count += 1
            product *= fraction()
        }
        return count
    }

    /// Normal, with mean 0 and variance 1 (Box and Muller).
    mutating func normal() -> Double {
        sqrt(-2 * log(fraction())) * cos(2 * .pi * fraction())
    }
}

/// A version of the application: how often it fails, and how long it takes.
struct Version: Equatable {
    var errorRate = 0.002
    /// Log-normal times whose median is 80 ms; their p95 is 182 ms.
    var slowness = 1.0

    static let medianSeconds = 0.08
    static let spread = 0.5

    /// Whether one request fails, and the time to the head of its response.
    func request(_ chance: inout Chance) -> (fails: Bool, seconds: Double) {
        let seconds = Self.medianSeconds * slowness * exp(Self.spread * chance.normal())
        return (chance.fraction() < errorRate, seconds)
    }
}

/// What one second brought to both slots.
struct Second {
    /// By slot, the canary first.
    var requests: [[(fails: Bool, seconds: Double)]]
}

/// One rollout's traffic, second by second.
struct Stream {
    let canary: Version
    let stable: Version
    /// Requests a second, by slot.
    var canaryRate: Double
    var stableRate: Double
    private var chance: Chance

    init(_ scenario: Scenario, seed: UInt64) {
        canary = scenario.canary
        stable = scenario.stable
        canaryRate = scenario.canaryRate
        stableRate = scenario.stableRate
        chance = Chance(seed: seed)
    }

    mutating func next() -> Second {
        let counts = [chance.poisson(canaryRate), chance.poisson(stableRate)]
        var second = Second(requests: [[], []])
        for (place, version) in [canary, stable].enumerated() {
            for _ in 0..<counts[place] {
                second.requests[place].append(version.request(&chance))
            }
        }
        return second
    }
}

/// A kind of rollout that is simulated many times.
struct Scenario {
    let name: String
    var canary = Version()
    var stable = Version()
    /// Requests a second.
    var canaryRate = 50.0
    var stableRate = 50.0
    /// As many times the other slot's p95 is too long.
    var p95Ratio = 1.5
    /// A canary that is as good as the other, so that a `fail` is a false alarm.
    var isGood: Bool

    static let all = [
        Scenario(name: "same version, 0.2 % errors", isGood: true),
        Scenario(
            name: "same version, 2 % errors",
            canary: Version(errorRate: 0.02),
            stable: Version(errorRate: 0.02),
            isGood: true
        ),
        Scenario(
            name: "same version, 4.5 % errors",
            canary: Version(errorRate: 0.045),
            stable: Version(errorRate: 0.045),
            isGood: true
        ),
        Scenario(name: "10 % errors", canary: Version(errorRate: 0.1), isGood: false),
        Scenario(name: "5 % errors", canary: Version(errorRate: 0.05), isGood: false),
        Scenario(
            name: "2 % errors, 500 a second",
            canary: Version(errorRate: 0.02),
            canaryRate: 500,
            stableRate: 500,
            isGood: false
        ),
        // Of one and a half times itself nobody can say that it is more.
        Scenario(
            name: "1.5 × latency, limit 1.25 ×, 300 a second",
            canary: Version(slowness: 1.5),
            canaryRate: 300,
            stableRate: 300,
            p95Ratio: 1.25,
            isGood: false
        ),
        Scenario(name: "2 × latency", canary: Version(slowness: 2), isGood: false),
    ]
}
