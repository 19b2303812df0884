/// Chooses an endpoint of one lane for an attempt.
struct Balancer {
    private let policy: Config.Upstream.Balance
    private var weights: [UInt32]
    private var totalWeight: UInt32
    /// Smooth weighted round robin, as nginx does it: the credit of each endpoint.
    private var credits: [Int64]

    init(policy: Config.Upstream.Balance, weights: [UInt32]) {
        self.policy = policy
        self.weights = weights
        totalWeight = weights.reduce(0, +)
        credits = Array(repeating: 0, count: weights.count)
    }

    /// Gives the endpoint at `place` another share from now on.
    mutating func weigh(_ place: Int, _ weight: UInt32) {
        totalWeight = totalWeight - weights[place] + weight
        weights[place] = weight
    }

    /// The place in `pools` to try; nil when none is healthy.
    ///
    /// `excluded` is where an attempt of this request has failed; it is chosen again only when
    /// nothing else is healthy.
    mutating func pick(
        from pools: ContiguousArray<ConnectionPool>,
        excluding excluded: Int?,
        random: inout Random
    ) -> Int? {
        if pools.count == 1 { return pools[0].mayTakeTraffic ? 0 : nil }
        let choice =
            switch policy {
            case .leastRequest: lessLoaded(pools, excluded, &random)
            case .roundRobin: next(pools, excluded)
            }
        if choice == nil, let excluded, pools[excluded].mayTakeTraffic { return excluded }
        return choice
    }

    /// The power of two choices (Mitzenmacher, 2001): of two different ones drawn by weight, the
    /// one with fewer attempts in flight for its weight; the first, where they are equal, so that
    /// idle endpoints share by weight.
    private func lessLoaded(
        _ pools: ContiguousArray<ConnectionPool>,
        _ excluded: Int?,
        _ random: inout Random
    ) -> Int? {
        let first = draw(besides: nil, &random)
        let second = draw(besides: first, &random)
        let firstFits = first != excluded && pools[first].mayTakeTraffic
        let secondFits = second != excluded && pools[second].mayTakeTraffic
        switch (firstFits, secondFits) {
        case (true, true):
            let firstLoad = pools[first].inFlight * Int(weights[second])
            let secondLoad = pools[second].inFlight * Int(weights[first])
            return firstLoad <= secondLoad ? first : second
        case (true, false): return first
        case (false, true): return second
        case (false, false): return anyHealthy(pools, excluded, from: first)
        }
    }

    /// A place by chance and weight, all but `drawn`, which stands beside others.
    private func draw(besides drawn: Int?, _ random: inout Random) -> Int {
        let left = drawn.map { totalWeight - weights[$0] } ?? totalWeight
        var point = UInt32(random.below(left))
        var place = 0
        while place == drawn || point >= weights[place] {
            if place != drawn { point -= weights[place] }
            place += 1
        }
        return place
    }

    private func anyHealthy(
        _ pools: ContiguousArray<ConnectionPool>,
        _ excluded: Int?,
        from start: Int
    ) -> Int? {
        for step in 0..<pools.count {
            let place = (start + step) % pools.count
            if place != excluded, pools[place].mayTakeTraffic { return place }
        }
        return nil
    }

    private mutating func next(
        _ pools: ContiguousArray<ConnectionPool>,
        _ excluded: Int?
    ) -> Int? {
        var best: Int?
        var total: Int64 = 0
        for place in 0..<pools.count where place != excluded && pools[place].mayTakeTraffic {
            credits[place] += Int64(weights[place])
            total += Int64(weights[place])
            if best.map({ credits[place] > credits[$0] }) ?? true { best = place }
        }
        if let best { credits[best] -= total }
        return best
    }
}
