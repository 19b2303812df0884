/// Endpoints and counters by name, kept for the life of the process, so that a reload or a switch
/// neither forgets a verdict nor starts a counter over.
struct Registry {
    /// Services that may ever have been named; counters of each take 100 KiB per slot and worker.
    static let serviceLimit = 256

    private struct LaneName: Hashable {
        let slot: SlotID?
        let service: String?
    }

    let workers: Int
    private let boundsSeconds: [Double]
    private var endpoints: [Endpoint.Identity: Endpoint] = [:]
    private var counters: [LaneName: [LaneCounters]] = [:]
    private var clientTables = ClientTables()
    private var ejectionTurns: [LaneName: EjectionTurn] = [:]
    /// Those of the present configuration only: others are forgotten, as endpoints are.
    private var judged: [JudgedRoute.Identity: JudgedRoute] = [:]

    init(workers: Int, boundsSeconds: [Double]) {
        self.workers = workers
        self.boundsSeconds = boundsSeconds
    }

    /// Forgets the endpoints that `config` does not name.
    mutating func prune(to config: Config) {
        var named: Set<Endpoint.Identity> = []
        for slot in SlotID.both {
            for (service, endpoints) in config.slots[slot.index].endpoints.enumerated() {
                let name = config.services[service].name
                for endpoint in endpoints {
                    named.insert(
                        .init(slot: slot, service: name, authority: endpoint.authority)
                    )
                }
            }
        }
        endpoints = endpoints.filter { named.contains($0.key) }
    }

    mutating func endpoint(_ identity: Endpoint.Identity) -> Endpoint {
        if let known = endpoints[identity] { return known }
        let endpoint = Endpoint(identity: identity, workers: workers)
        endpoints[identity] = endpoint
        return endpoint
    }

    /// The counters of a lane, by worker; of the requests that reached none without names.
    mutating func counters(slot: SlotID? = nil, service: String? = nil) -> [LaneCounters] {
        let name = LaneName(slot: slot, service: service)
        if let known = counters[name] { return known }
        let bounds = boundsSeconds
        let fresh = (0..<workers).map { _ in LaneCounters(boundsSeconds: bounds) }
        counters[name] = fresh
        return fresh
    }

    /// The tables that `config` asks for, and those that others asked for before.
    mutating func clients(of config: Config) -> ClientTables {
        clientTables.prepare(for: config.limits)
        return clientTables
    }

    /// Shared by all workers and snapshots, so that no two decide on the same endpoints at a time.
    private mutating func ejectionTurn(slot: SlotID, service: String) -> EjectionTurn {
        let name = LaneName(slot: slot, service: service)
        if let known = ejectionTurns[name] { return known }
        let turn = EjectionTurn()
        ejectionTurns[name] = turn
        return turn
    }

    /// What is judged of `config`, in the order of `RoutingSnapshot.judged`.
    mutating func judged(of config: Config) -> [JudgedRoute] {
        let routes = config.judgedRoutes.flatMap { route in
            SlotID.both.map { slot in
                let service = config.services[route.service].name
                let identity = JudgedRoute.Identity(slot: slot, service: service, route: route.name)
                return judged[identity] ?? JudgedRoute(identity, workers: workers)
            }
        }
        judged = Dictionary(uniqueKeysWithValues: routes.map { ($0.identity, $0) })
        return routes
    }

    /// Whether `config` keeps the number of services within bounds.
    func hasRoom(for config: Config) -> Bool {
        let known = Set(counters.keys.compactMap(\.service))
        return known.union(config.services.map(\.name)).count <= Self.serviceLimit
    }

    /// Every lane that was ever counted in, with its name.
    var allCounters: [(slot: SlotID?, service: String?, counters: [LaneCounters])] {
        counters.map { ($0.key.slot, $0.key.service, $0.value) }
    }

    /// The lanes of `config`, in the order of `RoutingSnapshot.lanes`.
    mutating func lanes(
        of config: Config,
        addresses: [String: IPAddress]
    ) -> [RoutingSnapshot.Lane] {
        var lanes: [RoutingSnapshot.Lane] = []
        for (place, service) in config.services.enumerated() {
            for slot in SlotID.both {
                let members = config.slots[slot.index].endpoints[place].map { endpoint in
                    RoutingSnapshot.Member(
                        endpoint: self.endpoint(
                            .init(
                                slot: slot,
                                service: service.name,
                                authority: endpoint.authority
                            )
                        ),
                        address: endpoint.target.address(addresses),
                        weight: UInt32(endpoint.weight)
                    )
                }
                lanes.append(
                    RoutingSnapshot.Lane(
                        slot: slot,
                        service: service.name,
                        members: members,
                        counters: counters(slot: slot, service: service.name),
                        ejectionTurn: ejectionTurn(slot: slot, service: service.name)
                    )
                )
            }
        }
        return lanes
    }
}

extension Config.Endpoint.Target {
    /// Where it is, as far as its name is known.
    func address(_ known: [String: IPAddress]) -> SocketAddress? {
        switch self {
        case .address(let address): address
        case .name(let host, let port): known[host].map { .ip($0, port: port) }
        }
    }
}
