/// What the judge asks of a slot, and which routes it looks at.
extension Config {
    /// The settings of the judge.
    package struct Judge: Sendable, Equatable {
        /// How far back a verdict looks at most.
        package var window = Duration.seconds(60)
        /// Attempts without which nothing passes.
        package var minRequests = 100
        package var thresholds = JudgeThresholds()

        package init() {}
    }

    /// Where the judge draws its lines, for a service or for one route of it.
    package struct JudgeThresholds: Sendable, Equatable {
        /// Passed health checks of a hundred.
        package var availabilityPercent = 100.0
        /// Failed attempts of a hundred.
        package var errorPercent = 5.0
        /// As many times the other slot's failures; nil compares none.
        package var errorRatio: Double? = 2
        /// So many percentage points above the other slot are never too many.
        package var errorFloorPercent = 1.0
        /// The time to a response's head that 95 of 100 attempts must keep; nil asks for none.
        package var p95: Duration? = .seconds(2)
        /// As many times the other slot's; nil compares none.
        package var p95Ratio: Double? = 1.5
        /// So much above the other slot is never too much.
        package var p95Floor = Duration.milliseconds(50)

        package init() {}
    }

    /// Whether and how a service or a route is judged.
    package enum Judged: Sendable, Equatable {
        /// As the rest; a route not by the paths of health checks and metrics.
        case byDefault
        case never
        case always
        /// By thresholds of its own.
        case by(JudgeThresholds)
    }

    /// A route under its name; routes of a service with the same name are one.
    package struct JudgedRouteName: Sendable, Hashable {
        /// Index into `services`.
        package let service: Int
        package let name: String
    }

    /// Every route that is judged, each once, in file order.
    package var judgedRoutes: [JudgedRouteName] {
        var seen: Set<JudgedRouteName> = []
        return listeners.flatMap(\.routes).filter(isJudged).map(\.judgedName)
            .filter { seen.insert($0).inserted }
    }

    /// The thresholds of a service's routes that have none of their own.
    package func thresholds(ofService service: Int) -> JudgeThresholds {
        if case .by(let thresholds) = services[service].judged { return thresholds }
        return judge.thresholds
    }

    /// Those of judged routes that have their own.
    package var ownThresholds: [JudgedRouteName: JudgeThresholds] {
        var own: [JudgedRouteName: JudgeThresholds] = [:]
        for route in listeners.flatMap(\.routes) where isJudged(route) {
            if case .by(let thresholds) = route.judged { own[route.judgedName] = thresholds }
        }
        return own
    }

    private func isJudged(_ route: Route) -> Bool {
        if services[route.service].judged == .never { return false }
        return switch route.judged {
        case .never: false
        case .always, .by: true
        case .byDefault:
            if case .exact(let path) = route.path {
                !unjudgedPaths(of: route.service).contains(path)
            } else {
                true
            }
        }
    }

    /// Paths that say nothing of what users see: those of a service's health check and metrics.
    private func unjudgedPaths(of service: Int) -> [String] {
        var paths = ["/metrics"]
        if case .get(let path) = services[service].healthCheck.probe, path != "/" {
            paths.append(path)
        }
        return paths
    }

    /// What `RouteTable` has to know of the judge.
    var judgedPlaces: JudgedPlaces {
        JudgedPlaces(
            places: Dictionary(
                uniqueKeysWithValues: judgedRoutes.enumerated().map { ($0.element, $0.offset) }
            ),
            unjudgedPaths: services.indices.map(unjudgedPaths)
        )
    }

    /// Where routes stand among the judged ones.
    struct JudgedPlaces {
        fileprivate var places: [JudgedRouteName: Int] = [:]
        /// By service.
        fileprivate var unjudgedPaths: [[String]] = []

        /// The place of a route; nil when it is left out.
        func place(of route: Route) -> Int? {
            guard let place = places[route.judgedName], !isLeftOut(route) else { return nil }
            return place
        }

        /// A route that is left out may share its name with one that is not.
        private func isLeftOut(_ route: Route) -> Bool {
            switch (route.judged, route.path) {
            case (.never, _): true
            case (.byDefault, .exact(let path)): unjudgedPaths[route.service].contains(path)
            case (.byDefault, _), (.always, _), (.by, _): false
            }
        }

        /// The parts of a judged route that are not: the same route, narrowed to one path.
        func exceptions(to route: Route) -> [Route] {
            guard route.judged == .byDefault, place(of: route) != nil else { return [] }
            return unjudgedPaths[route.service].filter(route.path.takes).map { path in
                var exception = route
                exception.path = .exact(path)
                return exception
            }
        }
    }
}

extension Config.Route {
    /// Under which the judge and the metrics know it.
    package var judgedName: Config.JudgedRouteName {
        Config.JudgedRouteName(service: service, name: name ?? defaultName)
    }

    /// Its match in short: `/api/*`, `GET,HEAD example.org/health`, `* [x-user]`.
    private var defaultName: String {
        var text = methods.isEmpty ? "" : methods.joined(separator: ",") + " "
        text += host ?? ""
        switch path {
        case .any: text += host == nil ? "*" : "/*"
        case .exact(let path): text += path
        case .prefix(let path): text += path.hasSuffix("/") ? path + "*" : path + "/*"
        }
        guard let header else { return text }
        return text + " [\(header.name)\(header.value.map { "=\($0)" } ?? "")]"
    }
}

extension Config.Route.Path {
    /// Whether a route with this path takes requests for exactly `path`.
    func takes(_ path: String) -> Bool {
        switch self {
        case .any: true
        case .exact: false
        case .prefix(let prefix):
            path.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/") || path == prefix
        }
    }
}
