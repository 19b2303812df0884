import CLinux
import Glibc
import Proxy

/// Everything about the traffic at one moment, and how it is told.
struct StatusReport {
    let config: Config
    let routing: RoutingState
    let facts: ControlPlane.Facts
    let statistics: Statistics
    let listeners: [(written: String, bound: String)]
    let started: Timestamp
    let now: Timestamp
    let isReady: Bool
    /// What the judge says of each slot, in the order of the slots.
    let verdicts: [Verdict]
    /// The process that this one replaced, while it still drains.
    var older: (process: Int32, exchanges: Int)?

    /// A slot by itself: its name, and what decides whether it can be switched to.
    func slotJSON(_ slot: SlotID) -> JSON {
        [
            "slot": .string(name(slot)), "generation": JSON(routing.generation),
            "since": .string(facts.saved.activeSince), "canary": canary,
            "healthy": .bool(faults(slot).isEmpty),
            "unhealthy_services": .array(faults(slot).map(\.json)),
        ]
    }

    func json(admin: (written: String, bound: String)) -> JSON {
        [
            "generation": JSON(routing.generation),
            "active": .string(name(routing.active)),
            "inactive": .string(name(routing.active.other)),
            "previous": JSON(routing.previous.map(name)),
            "since": .string(facts.saved.activeSince),
            "canary": canary,
            "ready": .bool(isReady),
            "rollout": facts.rollout.map {
                $0.json(slots: config.slots.map(\.name)).adding("position", .string($0.position))
            } ?? .null,
            "slots": .object(
                SlotID.both.map { (name($0), slotDetails($0)) }
            ),
            "downstream_connections": [
                "active": JSON(statistics.downstreamActive),
                "idle": JSON(statistics.downstreamIdle),
            ],
            "listeners": .array(listeners.map(Self.address)),
            "admin": Self.address(admin),
            "config": facts.loaded.json,
            "state_file": JSON(config.stateFile),
            "accept_pauses": [
                "limit": JSON(statistics.acceptPausesAtLimit),
                "descriptors": JSON(statistics.acceptPausesForDescriptors),
            ],
            "client_refusals": [
                "requests": JSON(statistics.clientRequestsRefused),
                "connections": JSON(statistics.clientConnectionsRefused),
            ],
            "error_log_lines_held_back": JSON(statistics.logLinesHeldBack),
            "access_log_lines_dropped": JSON(statistics.logLinesDropped),
            "process": JSON(getpid()),
            "older_process": older.map { older in
                ["process": JSON(older.process), "exchanges": JSON(older.exchanges)]
            } ?? .null,
            "version": .string(Version.text),
            "started": .string(started.description),
            "uptime_seconds": JSON(
                (now.secondsSince1970 - started.secondsSince1970).rounded()
            ),
        ]
    }

    private func name(_ slot: SlotID) -> String { config.slots[slot.index].name }

    private static func address(_ address: (written: String, bound: String)) -> JSON {
        ["address": .string(address.written), "bound": .string(address.bound)]
    }

    private var canary: JSON {
        guard let weight = routing.canary else { return .null }
        return [
            "slot": .string(name(routing.active.other)), "percent": JSON(weight.percent),
        ]
    }

    private func faults(_ slot: SlotID) -> [ServiceFault] {
        SlotHealth.faults(of: slot, config: config, statistics: statistics)
    }
}

// MARK: Slots

extension StatusReport {
    private func slotDetails(_ slot: SlotID) -> JSON {
        let lanes = statistics.lanes.filter { $0.slot == name(slot) }
        let inFlight = lanes.reduce(0) { $0 + $1.inFlight }
        let weight = routing.weight(of: slot)
        let takesTraffic = weight > .none
        let received = receivedSinceLastChange
        let total = received.reduce(0, +)
        let share = total == 0 ? nil : Double(received[slot.index]) / Double(total) * 100
        return [
            "weight_percent": JSON(weight.percent),
            "actual_percent": share.map { JSON(($0 * 100).rounded() / 100) } ?? .null,
            "requests_since_change": JSON(received[slot.index]),
            "healthy": .bool(faults(slot).isEmpty),
            "lease": facts.saved.lease(on: name(slot), at: now)?.json ?? .null,
            "verdict": [
                "state": .string(verdicts[slot.index].state.rawValue),
                "sentence": .string(verdicts[slot.index].sentence),
            ],
            "in_flight": JSON(inFlight),
            "waiting": JSON(lanes.reduce(0) { $0 + $1.waiting }),
            "draining": JSON(takesTraffic ? 0 : inFlight),
            "tunnels": JSON(lanes.reduce(0) { $0 + $1.tunnels }),
            "services": .object(
                config.services.map { service in
                    (service.name, serviceDetails(service.name, slot))
                }
            ),
        ]
    }

    /// Requests that the split sent to each slot since it was last changed.
    private var receivedSinceLastChange: [UInt64] {
        zip(statistics.split(bySlotOf: config), facts.splitBaseline).map { now, before in
            now >= before ? now - before : now
        }
    }

    private func serviceDetails(_ service: String, _ slot: SlotID) -> JSON {
        let fault = faults(slot).first { $0.service == service }
        let lane = statistics.lanes.first { $0.slot == name(slot) && $0.service == service }
        let endpoints = statistics.endpoints.filter {
            $0.slot == name(slot) && $0.service == service
        }
        return [
            "healthy": .bool(fault == nil),
            "in_flight": JSON(lane?.inFlight ?? 0),
            "waiting": JSON(lane?.waiting ?? 0),
            "queue_refused": JSON((lane?.queueFull ?? 0) + (lane?.queueTimeouts ?? 0)),
            "unserved": JSON(lane?.unserved ?? 0),
            "last_resort": JSON(lane?.lastResort ?? 0),
            "retries": JSON(lane?.retries ?? 0),
            "retries_refused": JSON(lane?.retriesRefused ?? 0),
            "endpoints": .array(endpoints.map(\.json)),
        ]
    }
}

extension ServiceFault {
    var json: JSON { ["service": .string(service), "reason": .string(reason)] }
}

extension Statistics {
    /// How many requests the split sent to each slot since the start.
    func split(bySlotOf config: Config) -> [UInt64] {
        config.slots.map { slot in
            lanes.reduce(0) { $1.slot == slot.name ? $0 + $1.split : $0 }
        }
    }
}

extension Statistics.Endpoint {
    fileprivate var json: JSON {
        [
            "endpoint": .string(endpoint), "address": JSON(address),
            "health": .string(health.word), "reason": JSON(reason),
            "weight": JSON(weight), "in_flight": JSON(inFlight),
            "active_connections": JSON(activeConnections),
            "idle_connections": JSON(idleConnections),
            "ejected": .bool(isEjected),
            "ejected_for_seconds": isEjected
                ? JSON((ejectedForSeconds * 1_000).rounded() / 1_000) : .null,
            "ejections": JSON(ejections.reduce(0) { $0 + $1.count }),
        ]
    }
}

extension Health {
    var word: String {
        switch self {
        case .unknown: "unknown"
        case .healthy: "healthy"
        case .unhealthy: "unhealthy"
        }
    }
}
