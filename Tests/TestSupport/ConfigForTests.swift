import Proxy

extension Config {
    /// Two slots of one service `app` behind one listener on a free port; everything a test does
    /// not talk about is quick, quiet and in memory.
    package static func forTests(
        blue: [Endpoint],
        green: [Endpoint],
        services: [String] = ["app"]
    ) -> Config {
        var check = HealthCheck()
        check.probe = .get(path: "/health")
        check.interval = .milliseconds(50)
        check.timeout = .seconds(2)
        check.rise = 1
        check.fall = 2
        var config = Config(
            listeners: [.forTests(routes: [Route(service: 0)])],
            services: services.map { Service(name: $0, healthCheck: check) },
            slots: [
                Slot(name: "blue", endpoints: services.map { _ in blue }),
                Slot(name: "green", endpoints: services.map { _ in green }),
            ],
            activeSlot: .blue
        )
        config.stateFile = nil
        config.workers = 2
        config.timeouts.drain = .seconds(20)
        return config
    }

    /// The same with changes.
    package func with(_ adjust: (inout Config) -> Void) -> Config {
        var copy = self
        adjust(&copy)
        return copy
    }

    /// Sets the probe of every service.
    package mutating func probe(_ probe: HealthCheck.Probe) {
        for index in services.indices { services[index].healthCheck.probe = probe }
    }
}

extension Config.Listener {
    /// A listener on a free port of a loopback address, which also names it.
    package static func forTests(
        host: String = "127.0.0.1",
        routes: [Config.Route]
    ) -> Config.Listener {
        guard let address = IPAddress(host) else { preconditionFailure("\(host) is an address") }
        return Config.Listener(
            address: "\(host):0",
            bind: .ip(address, port: 0),
            routes: routes
        )
    }
}

extension Config.Endpoint {
    /// An endpoint on a port of the loopback interface.
    package static func loopback(_ port: UInt16) -> Config.Endpoint {
        Config.Endpoint(
            authority: "127.0.0.1:\(port)",
            target: .address(.loopback(port: port))
        )
    }
}

extension SlotID {
    package static let blue = SlotID(0)
    package static let green = SlotID(1)
}
