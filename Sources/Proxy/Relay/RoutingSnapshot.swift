/// All that requests are routed by, built once and never changed; one pointer leads to it.
///
/// A switch, a canary change, a reload or a new address of an endpoint makes the next one.
final class RoutingSnapshot: Sendable {
    /// One endpoint of a lane, where it is at present.
    struct Member: Sendable {
        let endpoint: Endpoint
        /// nil until the name was resolved.
        let address: SocketAddress?
        let weight: UInt32
    }

    /// One service in one slot.
    struct Lane: Sendable {
        let slot: SlotID
        let service: String
        let members: [Member]
        /// By worker.
        let counters: [LaneCounters]
        let ejectionTurn: EjectionTurn
    }

    /// Grows with every snapshot that is published, the generation only with changes of traffic.
    let version: UInt64
    let config: Config
    let routing: RoutingState
    /// Signs session cookies where the configuration names no secret.
    let sessionKey: SessionKey
    let listeners: [Listener]
    /// The lane of service `s` in slot `t` stands at `2 * s + t`.
    let lanes: [Lane]
    /// Requests that reached no lane, by worker.
    let unrouted: [LaneCounters]
    /// Judged route `r` in slot `t` stands at `2 * r + t`.
    let judged: [JudgedRoute]
    let clients: ClientTables

    init(
        version: UInt64,
        config: Config,
        routing: RoutingState,
        sessionKey: SessionKey,
        listeners: [Listener],
        lanes: [Lane],
        unrouted: [LaneCounters],
        judged: [JudgedRoute],
        clients: ClientTables
    ) {
        precondition(lanes.count == 2 * config.services.count)
        precondition(listeners.count == config.listeners.count)
        self.version = version
        self.config = config
        self.routing = routing
        self.sessionKey = sessionKey
        self.listeners = listeners
        self.lanes = lanes
        self.unrouted = unrouted
        self.judged = judged
        self.clients = clients
    }
}
