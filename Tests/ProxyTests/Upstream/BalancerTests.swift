import TestSupport
import Testing

@testable import Proxy

@Suite("Balancer")
struct BalancerTests {
    typealias Policy = Config.Upstream.Balance
    typealias Pools = ContiguousArray<ConnectionPool>

    private static func pools(_ healths: [Health]) -> Pools {
        Pools(healths.map { ConnectionPool.forTests($0) })
    }

    private static func random(_ seed: UInt64 = 1) -> Random {
        Random(seed: (seed, 2, 3, 4))
    }

    /// How often each place is picked, no attempt ever being in flight.
    private static func picks(
        _ count: Int,
        _ policy: Policy,
        weights: [UInt32],
        pools: Pools,
        excluding excluded: Int? = nil
    ) -> [Int?: Int] {
        var balancer = Balancer(policy: policy, weights: weights)
        var random = random()
        var picks: [Int?: Int] = [:]
        for _ in 0..<count {
            let pick = balancer.pick(from: pools, excluding: excluded, random: &random)
            picks[pick, default: 0] += 1
        }
        return picks
    }

    @Test func `round robin spreads weights smoothly`() {
        var balancer = Balancer(policy: .roundRobin, weights: [5, 1, 1])
        var random = Self.random()
        let pools = Self.pools([.healthy, .healthy, .healthy])

        let picks = (0..<14).map { _ in
            balancer.pick(from: pools, excluding: nil, random: &random)
        }

        // The order that nginx documents for these weights.
        #expect(picks == [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every round gives each endpoint exactly its weight`(seed: UInt64) {
        var chance = SeededRandom(seed: seed)
        let weights = (0..<5).map { _ in UInt32.random(in: 1...20, using: &chance) }
        let round = Int(weights.reduce(0, +))
        let pools = Self.pools(Array(repeating: .healthy, count: 5))

        let picks = Self.picks(3 * round, .roundRobin, weights: weights, pools: pools)

        for (place, weight) in weights.enumerated() { #expect(picks[place] == 3 * Int(weight)) }
    }

    @Test func `idle endpoints share by weight`() {
        let pools = Self.pools([.healthy, .healthy, .healthy])

        let picks = Self.picks(10_000, .leastRequest, weights: [1, 3, 6], pools: pools)

        #expect((900...1_100).contains(picks[0] ?? 0), "\(picks)")
        #expect((2_850...3_150).contains(picks[1] ?? 0), "\(picks)")
    }

    @Test func `of two endpoints both are always compared`() {
        let pools = Self.pools([.healthy, .healthy])
        pools[0].attemptBegan()

        let picks = Self.picks(1_000, .leastRequest, weights: [1, 1], pools: pools)

        #expect(picks == [1: 1_000])
    }

    @Test(
        "load counts by weight",
        arguments: [(3, 1, 0), (5, 1, 1), (7, 2, 0), (9, 2, 1), (1, 0, 1)]
    )
    func weightedLoad(heavyInFlight: Int, lightInFlight: Int, expected: Int) {
        let pools = Self.pools([.healthy, .healthy])
        for _ in 0..<heavyInFlight { pools[0].attemptBegan() }
        for _ in 0..<lightInFlight { pools[1].attemptBegan() }

        let picks = Self.picks(1_000, .leastRequest, weights: [4, 1], pools: pools)

        #expect(picks == [expected: 1_000])
    }

    @Test func `attempts in flight level out`() {
        let pools = Self.pools(Array(repeating: .healthy, count: 10))
        var balancer = Balancer(policy: .leastRequest, weights: Array(repeating: 1, count: 10))
        var random = Self.random()

        for _ in 0..<10_000 {
            let pick = balancer.pick(from: pools, excluding: nil, random: &random)
            if let pick { pools[pick].attemptBegan() }
        }

        // One choice alone would scatter by about a hundred.
        let loads = pools.map(\.inFlight)
        #expect(loads.reduce(0, +) == 10_000)
        #expect(loads.allSatisfy { (990...1_010).contains($0) }, "\(loads)")
    }

    @Test(arguments: Policy.allCases)
    func `an endpoint that is not healthy is passed over`(policy: Policy) {
        let pools = Self.pools([.unhealthy, .healthy, .unknown, .healthy])

        let picks = Self.picks(1_000, policy, weights: [100, 1, 100, 1], pools: pools)

        #expect(Set(picks.keys) == [1, 3])
    }

    @Test(arguments: Policy.allCases, [1, 2, 3])
    func `where none is healthy none is picked`(policy: Policy, count: Int) {
        let pools = Self.pools(Array(repeating: .unhealthy, count: count))
        let weights = [UInt32](repeating: 1, count: count)

        for excluded in [nil, 0] {
            let picks = Self.picks(
                20,
                policy,
                weights: weights,
                pools: pools,
                excluding: excluded
            )
            #expect(picks == [nil: 20])
        }
    }

    @Test(arguments: Policy.allCases)
    func `where an attempt failed is tried again only as the last one left`(policy: Policy) {
        let weights: [UInt32] = [1_000, 1]

        let others = Self.pools([.healthy, .healthy])
        #expect(
            Self.picks(200, policy, weights: weights, pools: others, excluding: 0) == [1: 200]
        )
        let alone = Self.pools([.healthy, .unhealthy])
        #expect(
            Self.picks(200, policy, weights: weights, pools: alone, excluding: 0) == [0: 200]
        )
        let single = Self.pools([.healthy])
        #expect(Self.picks(20, policy, weights: [1], pools: single, excluding: 0) == [0: 20])
    }

    @Test(arguments: Policy.allCases, [1, 2, 3] as [UInt64])
    func `a pick is healthy, and not the excluded one while there is another`(
        policy: Policy,
        seed: UInt64
    ) {
        var chance = SeededRandom(seed: seed)
        var random = Self.random(seed)
        for _ in 0..<300 {
            let count = Int.random(in: 1...6, using: &chance)
            let pools = Self.pools(
                (0..<count).map { _ in Bool.random(using: &chance) ? .healthy : .unhealthy }
            )
            let weights = (0..<count).map { _ in UInt32.random(in: 1...100, using: &chance) }
            var balancer = Balancer(policy: policy, weights: weights)
            let excluded =
                Bool.random(using: &chance) ? Int.random(in: 0..<count, using: &chance) : nil

            let pick = balancer.pick(from: pools, excluding: excluded, random: &random)

            let healthy = pools.indices.filter { pools[$0].mayTakeTraffic }
            let preferred = healthy.filter { $0 != excluded }
            let allowed = preferred.isEmpty ? healthy : preferred
            #expect(pick.map(allowed.contains) ?? allowed.isEmpty)
        }
    }
}
