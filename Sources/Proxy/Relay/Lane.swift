/// One service in one slot, as one worker sees it: its pools, its balancer, its counters.
final class Lane {
    /// How often weights that grow are looked at, and endpoints without probes whose ejection may
    /// be over.
    static let watchPause = Nanoseconds.milliseconds(20)
    /// Room for shares between nothing and an endpoint's whole weight.
    static let weightScale: UInt32 = 100
    /// The share, in hundredths, that an endpoint begins with when it comes back.
    static let firstShare: Int64 = 10

    let slot: SlotID
    let service: Int
    let counters: LaneCounters
    let pools: ContiguousArray<ConnectionPool>
    /// Where exchanges wait for a connection; nil when connections have no limit.
    let queue: WaitQueue?
    private var balancer: Balancer
    private let weights: [UInt32]
    private let ejectionTurn: EjectionTurn
    private let failOpen: Bool
    /// Nanoseconds over which a share grows; 0 when all of it comes back at once.
    private let slowStart: Int64
    /// No probe brings an ejected endpoint back.
    private let lacksProbes: Bool
    /// Weights grow, or endpoints come back by time alone: there is something to look at.
    private let isWatched: Bool
    private var watchesAt = MonotonicTime(nanoseconds: 0)

    init(
        _ lane: RoutingSnapshot.Lane,
        service: Int,
        worker: Int,
        config: Config,
        pools: ContiguousArray<ConnectionPool>,
        queue: WaitQueue?
    ) {
        let upstream = config.upstream
        slot = lane.slot
        self.service = service
        counters = lane.counters[worker]
        self.pools = pools
        self.queue = queue
        ejectionTurn = lane.ejectionTurn
        failOpen = upstream.failOpen
        slowStart = upstream.slowStart.map { Nanoseconds($0).count } ?? 0
        lacksProbes = config.services[service].healthCheck.probe == .none
        isWatched = slowStart > 0 || (lacksProbes && upstream.ejection != nil && pools.count > 1)
        let scale = slowStart > 0 ? Self.weightScale : 1
        weights = lane.members.map { $0.weight * scale }
        balancer = Balancer(policy: upstream.balance, weights: weights)
    }

    /// The place in `pools` of the endpoint to try; nil when none may be tried.
    func pick(excluding excluded: Int?, now: MonotonicTime, random: inout Random) -> Int? {
        if isWatched, now >= watchesAt { watch(now) }
        return balancer.pick(from: pools, excluding: excluded, random: &random)
            ?? lastResort(excluding: excluded, random: &random)
    }

    /// Whether one of the endpoints takes traffic, be it with room or without.
    var isInService: Bool { pools.contains { $0.isInService } }

    var hasRoom: Bool { pools.contains { $0.mayTakeTraffic } }

    /// Where nothing is in service: an endpoint that is well by its probes, ejected or not; where
    /// the configuration says so, any.
    private func lastResort(excluding excluded: Int?, random: inout Random) -> Int? {
        guard !isInService else { return nil }
        let start = random.below(UInt32(pools.count))
        let places = (0..<pools.count).lazy.map { (start + $0) % self.pools.count }
            .filter { self.pools[$0].hasRoom && self.pools[$0].address != nil }
        let choice =
            places.first { self.pools[$0].endpoint.health == .healthy && $0 != excluded }
            ?? places.first { self.pools[$0].endpoint.health == .healthy }
            ?? (failOpen ? places.first { $0 != excluded } ?? places.first : nil)
        if choice != nil { counters.tookLastResort() }
        return choice
    }
}

// MARK: Endpoints that fail and come back

extension Lane {
    /// An endpoint that was just taken out.
    struct Ejected {
        let endpoint: Endpoint
        let cause: EjectionCause
        let time: Nanoseconds
    }

    /// Counts a failed attempt; takes the endpoint out if that is due and leaves enough others.
    func attemptFailed(_ outcome: AttemptOutcome, at place: Int, now: MonotonicTime) -> Ejected? {
        guard let cause = pools[place].attemptFailed(outcome, now: now),
            let rules = pools[place].ejection, ejectionTurn.take()
        else { return nil }
        defer { ejectionTurn.end() }
        let endpoint = pools[place].endpoint
        guard !endpoint.isEjected, mayEject(place) else { return nil }
        let time = endpoint.ejection.began(cause, rules, now: now)
        endpoint.setEjected()
        return Ejected(endpoint: endpoint, cause: cause, time: time)
    }

    /// Never more than half of the endpoints are out because of traffic, and never the last one:
    /// what hits so many is no fault of theirs.
    private func mayEject(_ place: Int) -> Bool {
        let ejected = pools.reduce(0) { $0 + ($1.endpoint.isEjected ? 1 : 0) }
        let isLast = !pools.indices.contains { $0 != place && pools[$0].isInService }
        return 2 * (ejected + 1) <= pools.count && !isLast
    }

    private func watch(_ now: MonotonicTime) {
        watchesAt = now + Self.watchPause
        for (place, pool) in pools.enumerated() {
            let endpoint = pool.endpoint
            if lacksProbes, endpoint.isEjected, endpoint.ejection.isOver(now: now) {
                _ = endpoint.readmit(now: now)
            }
            guard slowStart > 0 else { continue }
            let whole = weights[place]
            guard let back = endpoint.cameBackAt else { continue }
            let grown = (100 - Self.firstShare) * min((now - back).count, slowStart) / slowStart
            let share = UInt32(max(Self.firstShare, Self.firstShare + grown))
            balancer.weigh(place, max(1, whole / Self.weightScale * share))
        }
    }

    /// Whether a request that comes now is answered, at once or when it has waited.
    var takesRequests: Bool { queue == nil ? hasRoom : isInService }
}
