import Proxy

/// A real data plane in this process, on a free port, stopped when it is let go.
package final class ProxyUnderTest: Sendable {
    package let server: ProxyServer
    package let port: UInt16

    /// Starts a proxy in front of the origins of both slots and waits until it accepts.
    package convenience init(
        blue: OriginServer,
        green: OriginServer? = nil,
        _ adjust: (inout Config) -> Void = { _ in }
    ) throws {
        var config = Config.forTests(
            blue: [blue.endpoint],
            green: [green?.endpoint ?? blue.endpoint]
        )
        adjust(&config)
        try self.init(config)
    }

    package init(_ config: Config, awaitsProbes: Bool = true) throws {
        server = try ProxyServer(
            config: config,
            routing: RoutingState(
                generation: 1,
                active: config.activeSlot,
                canary: config.canary.weight
            )
        )
        port = try Self.port(of: server, at: 0)
        server.start()
        if awaitsProbes { try eventually("every endpoint was probed") { server.isReady } }
    }

    deinit { server.stop() }

    private static func port(of server: ProxyServer, at index: Int) throws -> UInt16 {
        let addresses = server.listenerAddresses
        guard addresses.indices.contains(index),
            let port = addresses[index].bound.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw TestFailure("no listener \(index) among \(addresses)") }
        return port
    }

    /// The port of the listener that is written so in the configuration.
    package func port(ofListener written: String) throws -> UInt16 {
        guard let index = server.listenerAddresses.firstIndex(where: { $0.written == written })
        else { throw TestFailure("no listener \(written)") }
        return try Self.port(of: server, at: index)
    }

    // MARK: Traffic

    package func connect(receiveBufferBytes: Int32? = nil) throws -> RawDownstream {
        try RawDownstream(port: port, receiveBufferBytes: receiveBufferBytes)
    }

    /// One request on a connection of its own.
    package func get(_ target: String = "/", _ fields: String...) throws -> HTTPResponse {
        let lines = fields.map { $0 + "\r\n" }.joined()
        return try connect().exchange(
            "GET \(target) HTTP/1.1\r\nHost: test.example\r\n\(lines)\r\n"
        )
    }

    // MARK: Slots

    /// Moves all live traffic to `slot`; answers when that is acknowledged.
    package func switchTo(_ slot: SlotID) {
        let before = server.routing
        server.publish(
            RoutingState(
                generation: before.generation + 1,
                active: slot,
                previous: before.active
            )
        )
    }

    package func setCanary(_ weight: Weight?) {
        let before = server.routing
        let next = RoutingState(
            generation: before.generation + 1,
            active: before.active,
            previous: before.previous,
            canary: weight
        )
        server.publish(next.following(before))
    }

    // MARK: Figures

    /// What was counted of a slot's services, as one.
    package func lanes(of slot: String) -> [Statistics.Lane] {
        server.statistics().lanes.filter { $0.slot == slot }
    }

    /// The attempts at a slot's endpoints that ended so.
    package func attempts(at slot: String, _ outcome: String) -> UInt64 {
        server.statistics().endpoints.filter { $0.slot == slot }.flatMap(\.attempts)
            .reduce(0) { $0 + ($1.outcome == outcome ? $1.count : 0) }
    }

    package func health(of origin: OriginServer) -> Health? {
        server.statistics().endpoints.first { $0.endpoint == origin.authority }?.health
    }

    package func waitForHealth(_ health: Health, of origin: OriginServer) throws {
        try eventually("\(origin.name) is \(health)") { self.health(of: origin) == health }
    }
}
