extension Worker {
    /// The worker's lanes for `snapshot`, with the pools of endpoints that stay where they are, and
    /// the queues of lanes that stay.
    static func lanes(
        of snapshot: RoutingSnapshot,
        worker: Int,
        keeping pools: [ConnectionPool],
        queues: [WaitQueue]
    ) -> ContiguousArray<Lane> {
        var lanes: ContiguousArray<Lane> = []
        for (place, lane) in snapshot.lanes.enumerated() {
            let members = Self.pools(of: lane, in: snapshot, worker: worker, keeping: pools)
            let queue = Self.queue(of: lane, in: snapshot.config.upstream, keeping: queues)
            lanes.append(
                Lane(
                    lane,
                    service: place / 2,
                    worker: worker,
                    config: snapshot.config,
                    pools: members,
                    queue: queue
                )
            )
        }
        return lanes
    }

    private static func pools(
        of lane: RoutingSnapshot.Lane,
        in snapshot: RoutingSnapshot,
        worker: Int,
        keeping known: [ConnectionPool]
    ) -> ContiguousArray<ConnectionPool> {
        let upstream = snapshot.config.upstream
        // The only endpoint of a lane is never taken out.
        let ejection = lane.members.count > 1 ? upstream.ejection.map(EjectionRules.init) : nil
        let workers = snapshot.unrouted.count
        let members = lane.members.map { member in
            let kept = known.first {
                $0.endpoint === member.endpoint && $0.address == member.address
                    && $0.idleLimit == upstream.idleConnections
            }
            let pool =
                kept
                ?? ConnectionPool(
                    endpoint: member.endpoint,
                    worker: worker,
                    address: member.address,
                    idleLimit: upstream.idleConnections
                )
            pool.ejection = ejection
            pool.attemptLimit = upstream.attemptLimit(ofWorker: worker, workers: workers)
            return pool
        }
        return ContiguousArray(members)
    }

    private static func queue(
        of lane: RoutingSnapshot.Lane,
        in upstream: Config.Upstream,
        keeping queues: [WaitQueue]
    ) -> WaitQueue? {
        guard upstream.maxConnections != nil else { return nil }
        let kept = queues.first { $0.slot == lane.slot && $0.service == lane.service }
        let queue = kept ?? WaitQueue(slot: lane.slot, service: lane.service)
        queue.limit = upstream.queue.requests
        queue.timeout = Nanoseconds(upstream.queue.timeout)
        return queue
    }
}

extension Config.Upstream {
    /// A worker's part of `maxConnections`, which is at least one: a worker without any could
    /// serve nobody.
    func attemptLimit(ofWorker worker: Int, workers: Int) -> Int {
        guard let maxConnections else { return .max }
        let more = worker < maxConnections % workers ? 1 : 0
        return max(1, maxConnections / workers + more)
    }
}
