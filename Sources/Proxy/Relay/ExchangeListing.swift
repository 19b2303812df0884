/// One exchange that runs, as its worker saw it; names are found where it is read.
struct RunningExchange: Sendable {
    let snapshot: RoutingSnapshot
    let lane: Int
    let routePlace: Int
    let kind: ExchangeKind
    let startedAt: MonotonicTime
    let client: IPAddress
    /// nil between two attempts.
    let endpoint: Endpoint?
    let bytesIn: UInt64
    let bytesOut: UInt64

    init?(_ exchange: Exchange) {
        guard let lane = exchange.lane else { return nil }
        snapshot = exchange.routing.snapshot
        self.lane = lane
        routePlace = Int(exchange.routePlace)
        kind = exchange.kind
        startedAt = exchange.startedAt
        client = exchange.client
        endpoint = exchange.lastPlace.map { exchange.routing.lanes[lane].pools[$0].endpoint }
        bytesIn = exchange.bytesIn
        bytesOut = exchange.bytesOut
    }
}

/// How far an exchange has come, as far as a drain cares.
package enum ExchangeKind: Sendable {
    /// Its response has not begun.
    case request
    case stream
    case tunnel
}

extension Exchange {
    var kind: ExchangeKind {
        switch phase {
        case .tunnel: .tunnel
        case .relaying: .stream
        case .ended, .readingHead, .waiting, .connecting, .awaitingHead, .answering: .request
        }
    }
}

/// What runs on one slot in one worker: all of it as numbers, the oldest one by one.
final class ExchangeListing: Sendable {
    /// Exchanges told one by one: an operator reads a few, and a worker must not stop for long.
    static let oldestLimit = 1_000

    /// Exchanges of one route, by kind.
    struct RouteCount: Sendable {
        let snapshot: RoutingSnapshot
        let lane: Int
        let place: Int
        var requests = 0
        var streams = 0
        var tunnels = 0
        var oldest: MonotonicTime

        mutating func add(_ exchange: Exchange) {
            switch exchange.kind {
            case .request: requests += 1
            case .stream: streams += 1
            case .tunnel: tunnels += 1
            }
            oldest = min(oldest, exchange.startedAt)
        }
    }

    private struct RouteKey: Hashable {
        let snapshot: ObjectIdentifier
        let place: Int32
    }

    let routes: [RouteCount]
    /// Oldest first.
    let oldest: [RunningExchange]

    init(_ exchanges: [Exchange]) {
        var counts: [RouteKey: RouteCount] = [:]
        for exchange in exchanges {
            guard let lane = exchange.lane else { continue }
            let snapshot = exchange.routing.snapshot
            let key = RouteKey(snapshot: ObjectIdentifier(snapshot), place: exchange.routePlace)
            let first = RouteCount(
                snapshot: snapshot,
                lane: lane,
                place: Int(exchange.routePlace),
                oldest: exchange.startedAt
            )
            counts[key, default: first].add(exchange)
        }
        routes = Array(counts.values)
        let ages = exchanges.indices.sorted { exchanges[$0].startedAt < exchanges[$1].startedAt }
        oldest = ages.prefix(Self.oldestLimit).compactMap { RunningExchange(exchanges[$0]) }
    }
}
