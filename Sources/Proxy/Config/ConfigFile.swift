/// `proxy.json` as written: every value is well formed, and names are not yet looked up.
///
/// What a value needs no other value for stands here as in `Config` already.
struct ConfigFile {
    var listeners: [Located<Listener>]?
    var services: [Named<Service>]?
    var slots: [Named<[Named<[Located<Config.Endpoint>]>]>]?
    var activeSlot: String?
    /// Everything else, and its defaults.
    var settings = Config(listeners: [], services: [], slots: [], activeSlot: SlotID(0))

    struct Listener {
        var address: ListenAddress?
        var routes: [Located<Route>]?
    }

    struct Route {
        var path: String?
        var pathPrefix: String?
        var host: String?
        var header: HeaderMatch?
        var methods: [String]?
        var service: String?
        var rescuesAssets = false
        var name: String?
        var judged = Judged.byDefault
    }

    struct HeaderMatch {
        var name: String?
        var value: String?
    }

    struct CookieMatch {
        var name: String?
        var value: String?
    }

    struct Service {
        var healthCheck = Config.HealthCheck()
        var judged = Judged.byDefault
    }

    /// As `Config.Judged`, with those thresholds only that differ from what they stand in.
    enum Judged {
        case byDefault
        case never
        case always
        case by(ThresholdChanges)
    }
}

extension ConfigFile {
    /// What to write so that it is read as `config`; token contents are in no file of ours.
    init(describing config: Config) {
        listeners = config.listeners.map { listener in
            let address = ListenAddress(text: listener.address, bind: listener.bind)
            let routes = listener.routes.map { route in
                Located(value: Route(describing: route, of: config.services))
            }
            return Located(value: Listener(address: address, routes: routes))
        }
        services = config.services.map { service in
            Named(
                name: service.name,
                value: Service(
                    healthCheck: service.healthCheck,
                    judged: Judged(describing: service.judged)
                )
            )
        }
        slots = config.slots.map { slot in
            let lists = zip(config.services, slot.endpoints).map { service, endpoints in
                Named(name: service.name, value: endpoints.map { Located(value: $0) })
            }
            return Named(name: slot.name, value: lists)
        }
        activeSlot = config.slots[config.activeSlot.index].name
        settings = config
    }
}

extension ConfigFile.Route {
    fileprivate init(describing route: Config.Route, of services: [Config.Service]) {
        switch route.path {
        case .any: break
        case .exact(let path): self.path = path
        case .prefix(let path): pathPrefix = path
        }
        host = route.host
        header = route.header.map { ConfigFile.HeaderMatch(name: $0.name, value: $0.value) }
        methods = route.methods.isEmpty ? nil : route.methods
        service = services[route.service].name
        rescuesAssets = route.rescuesAssets
        name = route.name
        judged = ConfigFile.Judged(describing: route.judged)
    }
}
