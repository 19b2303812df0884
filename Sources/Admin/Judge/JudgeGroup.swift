import Proxy

/// Routes of one service that are judged together, and by what.
struct JudgeGroup: Equatable {
    let service: String
    /// nil for all routes of the service but those with thresholds of their own.
    let route: String?
    let routes: [String]
    let thresholds: Config.JudgeThresholds

    /// What there is to judge; a service that is left out has no group.
    static func all(of config: Config) -> [JudgeGroup] {
        config.services.indices.flatMap { groups(of: $0, config) }
    }

    private static func groups(of service: Int, _ config: Config) -> [JudgeGroup] {
        let name = config.services[service].name
        let routes = config.judgedRoutes.filter { $0.service == service }
        let own = config.ownThresholds
        let common = routes.filter { own[$0] == nil }
        var groups = routes.compactMap { route in
            own[route].map {
                JudgeGroup(service: name, route: route.name, routes: [route.name], thresholds: $0)
            }
        }
        guard !common.isEmpty else { return groups }
        let thresholds = config.thresholds(ofService: service)
        groups.insert(
            JudgeGroup(
                service: name,
                route: nil,
                routes: common.map(\.name),
                thresholds: thresholds
            ),
            at: 0
        )
        return groups
    }
}

/// A group as one window shows it.
struct GroupView {
    /// The slot that is judged, all routes of the group together.
    let mine: Evidence.Route
    /// Both slots, route by route; nil when the other slot served none of these routes.
    let comparison: Comparison?
    /// The chance of a wrong `fail` that one check has in this window.
    let risk: Double
    let seconds: Double

    init(_ look: Judge.Look, group: JudgeGroup, slot: SlotID, risk: Double) {
        let mine = look.evidence.routes(of: group.service, in: slot)
        let others = look.evidence.routes(of: group.service, in: slot.other)
        let strata = group.routes.map { name in
            Comparison.Stratum(mine: mine[name] ?? .init(), other: others[name] ?? .init())
        }
        self.mine = strata.reduce(into: Evidence.Route()) { $0.add($1.mine) }
        comparison = Comparison(strata)
        self.risk = risk
        seconds = look.seconds
    }
}

extension Evidence.Route {
    mutating func add(_ other: Evidence.Route) {
        successes += other.successes
        failures += other.failures
        abandoned += other.abandoned
        times.add(other.times)
    }
}
