/// What still runs on a slot, over all workers.
package struct SlotOccupancy: Sendable {
    /// One exchange.
    package struct Exchange: Sendable {
        package let route: String
        package let service: String
        /// nil between two attempts.
        package let endpoint: String?
        package let client: String
        package let kind: ExchangeKind
        package let age: Duration
        package let bytesIn: UInt64
        package let bytesOut: UInt64
    }

    /// The exchanges of one route.
    package struct Route: Sendable {
        package let route: String
        package let service: String
        package var requests = 0
        package var streams = 0
        package var tunnels = 0
        package var oldest = Duration.zero
    }

    /// Those with the oldest exchange first.
    package var routes: [Route] = []
    /// The oldest exchanges, oldest first.
    package var oldest: [Exchange] = []

    package init() {}

    package var exchangeCount: Int {
        routes.reduce(0) { $0 + $1.requests + $1.streams + $1.tunnels }
    }
}

extension SlotOccupancy {
    /// Adds up what the workers told, at `now`.
    init(_ listings: [ExchangeListing], now: MonotonicTime) {
        var byName: [[String]: Route] = [:]
        for count in listings.flatMap(\.routes) {
            let name = count.snapshot.routeName(count.place)
            let service = count.snapshot.lanes[count.lane].service
            var route = byName[[service, name]] ?? Route(route: name, service: service)
            route.requests += count.requests
            route.streams += count.streams
            route.tunnels += count.tunnels
            route.oldest = max(route.oldest, Duration(now - count.oldest))
            byName[[service, name]] = route
        }
        routes = byName.values.sorted { ($1.oldest, $0.route) < ($0.oldest, $1.route) }
        let running = listings.flatMap(\.oldest).sorted { $0.startedAt < $1.startedAt }
        oldest = running.prefix(ExchangeListing.oldestLimit).map { Exchange($0, now: now) }
    }
}

extension SlotOccupancy.Exchange {
    init(_ running: RunningExchange, now: MonotonicTime) {
        route = running.snapshot.routeName(running.routePlace)
        service = running.snapshot.lanes[running.lane].service
        endpoint = running.endpoint?.identity.authority
        client = "\(running.client)"
        kind = running.kind
        age = Duration(now - running.startedAt)
        bytesIn = running.bytesIn
        bytesOut = running.bytesOut
    }
}

extension ProxyServer {
    /// What runs on `slot` now, asked of every worker.
    package func occupancy(of slot: SlotID) -> SlotOccupancy {
        SlotOccupancy(listings(of: slot), now: .now())
    }
}

extension Duration {
    fileprivate init(_ time: Nanoseconds) { self = .nanoseconds(max(0, time.count)) }
}

extension RoutingSnapshot {
    /// The name of a route by its place among those of all listeners.
    fileprivate func routeName(_ place: Int) -> String {
        config.listeners.flatMap(\.routes)[place].judgedName.name
    }
}
