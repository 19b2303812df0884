import Proxy

/// A service of a slot that could not answer a request, and why.
package struct ServiceFault: Sendable, Equatable {
    package let service: String
    package let reason: String

    package init(service: String, reason: String) {
        self.service = service
        self.reason = reason
    }

    /// All that is wrong with a slot, in words.
    static func sentence(slot: String, _ faults: [ServiceFault]) -> String {
        let list = faults.map { "\($0.service) (\($0.reason))" }.joined(separator: ", ")
        return "the slot \(slot) is not healthy: \(list)"
    }
}

/// Which services of a slot have no healthy endpoint; not yet probed counts as not healthy.
enum SlotHealth {
    static func faults(
        of slot: SlotID,
        config: Config,
        statistics: Statistics
    ) -> [ServiceFault] {
        faults(
            ofSlot: config.slots[slot.index].name,
            services: config.services.map(\.name),
            endpoints: statistics.endpoints
        )
    }

    static func faults(
        ofSlot slot: String,
        services: [String],
        endpoints: [Statistics.Endpoint]
    ) -> [ServiceFault] {
        services.compactMap { service in
            let mine = endpoints.filter { $0.slot == slot && $0.service == service }
            guard !mine.contains(where: { $0.health == .healthy }) else { return nil }
            let reasons = mine.map { "\($0.endpoint): \(reason($0))" }
            return ServiceFault(
                service: service,
                reason: reasons.isEmpty ? "it has no endpoint" : reasons.joined(separator: "; ")
            )
        }
    }

    private static func reason(_ endpoint: Statistics.Endpoint) -> String {
        switch endpoint.health {
        case .healthy: "healthy"
        case .unknown: endpoint.reason ?? "not probed yet"
        case .unhealthy: endpoint.reason ?? "unhealthy"
        }
    }
}
