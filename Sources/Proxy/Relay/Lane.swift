/// One service in one slot, as one worker sees it: its pools, its balancer, its counters.
final class Lane {
    let slot: SlotID
    let service: Int
    let counters: LaneCounters
    let pools: ContiguousArray<ConnectionPool>
    private var balancer: Balancer

    init(
        _ lane: RoutingSnapshot.Lane,
        service: Int,
        worker: Int,
        balance: Config.Upstream.Balance,
        pools: ContiguousArray<ConnectionPool>
    ) {
        slot = lane.slot
        self.service = service
        counters = lane.counters[worker]
        self.pools = pools
        balancer = Balancer(policy: balance, weights: lane.members.map(\.weight))
    }

    /// The place in `pools` of the endpoint to try; nil when none is healthy.
    func pick(excluding excluded: Int?, random: inout Random) -> Int? {
        balancer.pick(from: pools, excluding: excluded, random: &random)
    }

    /// Whether `pick` would find one.
    var hasHealthyEndpoint: Bool {
        for pool in pools where pool.mayTakeTraffic { return true }
        return false
    }
}
