import CLinux
import Glibc
import Proxy
import Synchronization

extension ControlPlane {
    /// How often a slot that drains is looked at.
    private static let drainPollMicroseconds: UInt32 = 5_000

    /// Waits until `slot` has no exchange left; false when `timeout` passes first, the slot gets
    /// traffic again or the program ends.
    package func waitUntilDrained(_ slot: SlotID, timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        while true {
            if exchangeCount(on: slot) == 0 { return true }
            guard !takesTraffic(slot), ContinuousClock.now < deadline,
                !isDraining.load(ordering: .relaxed)
            else { return false }
            usleep(Self.drainPollMicroseconds)
        }
    }

    /// Whether new requests go to `slot`.
    func takesTraffic(_ slot: SlotID) -> Bool {
        let routing = server.routing
        return routing.active == slot || (routing.canary ?? .none) > .none
    }

    /// What runs on `slot`, for people and scripts; `limit` bounds the list of single exchanges.
    func drainJSON(_ slot: SlotID, limit: Int) -> JSON {
        let occupancy = server.occupancy(of: slot)
        let takesTraffic = takesTraffic(slot)
        let older = predecessor.withLock(\.self)?.exchangeCount(on: name(of: slot)) ?? 0
        return [
            "slot": .string(name(of: slot)),
            "takes_traffic": .bool(takesTraffic),
            "drained": .bool(!takesTraffic && occupancy.exchangeCount + older == 0),
            "exchanges": JSON(occupancy.exchangeCount + older),
            "exchanges_of_older_process": JSON(older),
            "stream_drain_seconds": JSON(server.config.timeouts.streamDrain.roundedSeconds),
            "routes": .array(occupancy.routes.map(\.json)),
            "oldest": .array(occupancy.oldest.prefix(limit).map(\.json)),
        ]
    }
}

extension SlotOccupancy.Route {
    fileprivate var json: JSON {
        [
            "route": .string(route), "service": .string(service), "requests": JSON(requests),
            "streams": JSON(streams), "tunnels": JSON(tunnels),
            "oldest_seconds": JSON(oldest.roundedSeconds),
        ]
    }
}

extension SlotOccupancy.Exchange {
    fileprivate var json: JSON {
        [
            "route": .string(route), "service": .string(service), "endpoint": JSON(endpoint),
            "client": .string(client), "kind": .string(kind.name),
            "age_seconds": JSON(age.roundedSeconds), "bytes_in": JSON(bytesIn),
            "bytes_out": JSON(bytesOut),
        ]
    }
}

extension ExchangeKind {
    fileprivate var name: String {
        switch self {
        case .request: "request"
        case .stream: "stream"
        case .tunnel: "tunnel"
        }
    }
}

extension Duration {
    /// To the tenth.
    fileprivate var roundedSeconds: Double {
        let (seconds, attoseconds) = components
        return ((Double(seconds) + Double(attoseconds) / 1e18) * 10).rounded() / 10
    }
}
