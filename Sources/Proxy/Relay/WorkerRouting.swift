/// A snapshot as one worker uses it: flattened, with the worker's own pools and counters.
///
/// Every exchange holds a lease from its first routing decision to its end. Leases are plain
/// integers of one thread; when the last one of an old routing is given back, the worker lets go
/// of the snapshot, and the last worker frees it.
final class WorkerRouting {
    let snapshot: RoutingSnapshot
    let lanes: ContiguousArray<Lane>
    let laneCounters: ContiguousArray<LaneCounters>
    let unrouted: LaneCounters
    /// Those of judged route `r` in slot `t` stand at `2 * r + t`.
    let attemptCounters: ContiguousArray<AttemptCounters>
    let routeTables: ContiguousArray<RouteTable>
    let split: WeightedSlots
    let sticky: StickyKey
    let preview: PreviewRule
    let slotRules: SlotRules
    let sessions: SessionRule
    let safetyNet: SafetyNet
    /// Whether more than the active slot decides where a request without preview goes.
    let placesUsers: Bool
    let forwarded: ForwardedRule
    let rules: RelayRules
    /// The path that we answer ourselves; empty for none.
    let healthPath: [UInt8]
    private(set) var leases = 0

    init(_ snapshot: RoutingSnapshot, worker: Int, lanes: ContiguousArray<Lane>) {
        let config = snapshot.config
        self.snapshot = snapshot
        self.lanes = lanes
        laneCounters = ContiguousArray(lanes.map(\.counters))
        unrouted = snapshot.unrouted[worker]
        attemptCounters = ContiguousArray(snapshot.judged.map { $0.counters[worker] })
        let judging = config.judgedPlaces
        var firstPlace = 0
        routeTables = ContiguousArray(
            config.listeners.map { listener in
                defer { firstPlace += listener.routes.count }
                return RouteTable(listener.routes, judging, firstPlace: firstPlace)
            }
        )
        split = WeightedSlots(active: snapshot.routing.active, canary: snapshot.routing.canary)
        sticky = StickyKey(config.canary.sticky)
        preview = PreviewRule(config.preview, slots: config.slots.map(\.name))
        slotRules = SlotRules(config, routing: snapshot.routing)
        sessions = SessionRule(
            config.canary.session,
            routing: snapshot.routing,
            key: snapshot.sessionKey
        )
        safetyNet = SafetyNet(config.canary.safetyNet, routing: snapshot.routing)
        placesUsers = snapshot.routing.canary != nil || sessions.isEnabled
        forwarded = ForwardedRule(config.forwarded, isLogged: config.accessLog != nil)
        rules = RelayRules(config)
        healthPath = Array((config.healthPath ?? "").utf8)
    }

    /// Whether every service of the active slot has an endpoint that takes traffic.
    var isActiveSlotServed: Bool {
        let slot = snapshot.routing.active.index
        return stride(from: slot, to: lanes.count, by: 2).allSatisfy { place in
            lanes[place].pools.contains { $0.mayTakeTraffic }
        }
    }

    func lease() { leases += 1 }

    func giveBack() {
        precondition(leases > 0, "gave back a lease twice")
        leases -= 1
    }
}

/// Which failures of the canary the active slot makes good.
struct SafetyNet {
    private let canary: SlotID?
    private let takes500: Bool

    init(_ net: Config.SafetyNet?, routing: RoutingState) {
        canary = net == nil || routing.canary == nil ? nil : routing.active.other
        takes500 = net?.takes500 ?? false
    }

    func isUnder(_ slot: SlotID) -> Bool { canary == slot }

    func takes(_ status: UInt16) -> Bool {
        (502...504).contains(status) || (status == 500 && takes500)
    }
}

/// The limits and timeouts of exchanges as plain values: reading one counts no reference.
struct RelayRules {
    let headLimits: HeadLimits
    let bodyLimitBytes: UInt64
    let retries: Int
    let accessLog: Config.AccessLog.Format?
    /// The lowest status of our own answers that is told on the error log.
    let toldStatus: UInt16
    let errorLinesPerSecond: Int
    /// Connections to endpoints are limited, so that requests may wait for one.
    let limitsConnections: Bool
    /// How often a client may ask; nil is without limit.
    let clientRate: ClientRequestTable.Rate?
    /// How many connections a client may have; nil is without limit.
    let clientConnectionLimit: Int?
    let timeouts: RelayTimeouts

    init(_ config: Config) {
        headLimits = HeadLimits(
            headBytes: config.limits.headBytes,
            fields: config.limits.fields,
            targetBytes: config.limits.targetBytes
        )
        bodyLimitBytes = config.limits.bodyBytes ?? .max
        retries = config.upstream.retries
        accessLog = config.accessLog?.format
        toldStatus = config.errorLog.level == .error ? 500 : 400
        errorLinesPerSecond = config.errorLog.linesPerSecond
        limitsConnections = config.upstream.maxConnections != nil
        clientRate = config.limits.clientRequests.map(ClientRequestTable.Rate.init)
        clientConnectionLimit = config.limits.clientConnections
        timeouts = RelayTimeouts(config.timeouts, upstream: config.upstream)
    }
}

/// The timeouts of an exchange as machine words.
struct RelayTimeouts {
    let connect: Nanoseconds
    let responseHead: Nanoseconds
    let streamIdle: Nanoseconds
    let requestHead: Nanoseconds
    let requestBody: Nanoseconds
    let keepalive: Nanoseconds
    let upstreamIdle: Nanoseconds

    init(_ timeouts: Config.Timeouts, upstream: Config.Upstream) {
        connect = Nanoseconds(timeouts.connect)
        responseHead = Nanoseconds(timeouts.responseHead)
        streamIdle = Nanoseconds(timeouts.streamIdle)
        requestHead = Nanoseconds(timeouts.requestHead)
        requestBody = Nanoseconds(timeouts.requestBody)
        keepalive = Nanoseconds(timeouts.keepalive)
        upstreamIdle = Nanoseconds(upstream.idleTimeout)
    }
}
