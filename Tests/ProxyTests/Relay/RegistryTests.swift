import TestSupport
import Testing

@testable import Proxy

@Suite("Registry")
struct RegistryTests {
    private static func registry() -> Registry { Registry(workers: 2, boundsSeconds: [1]) }

    private static func config(
        blue: [UInt16],
        green: [UInt16],
        services: [String] = ["app"]
    ) -> Config {
        .forTests(
            blue: blue.map { .loopback($0) },
            green: green.map { .loopback($0) },
            services: services
        )
    }

    @Test func `lanes stand by service, then by slot`() {
        var registry = Self.registry()
        let config = Self.config(blue: [1, 2], green: [3], services: ["api", "web"])

        let lanes = registry.lanes(of: config, addresses: [:])

        #expect(lanes.map(\.service) == ["api", "api", "web", "web"])
        #expect(lanes.map(\.slot.index) == [0, 1, 0, 1])
        #expect(lanes.map(\.members.count) == [2, 1, 2, 1])
        #expect(lanes.map(\.counters.count) == [2, 2, 2, 2])
        #expect(lanes[0].members[1].address == .loopback(port: 2))
    }

    @Test func `a reload keeps an endpoint's verdict and a lane's counters`() throws {
        var registry = Self.registry()
        let before = registry.lanes(of: Self.config(blue: [1], green: [2]), addresses: [:])
        before[0].members[0].endpoint.set(.healthy, reason: nil)
        before[0].counters[1].wasSplit()

        let after = registry.lanes(of: Self.config(blue: [9, 1], green: [2]), addresses: [:])

        #expect(after[0].members.map(\.endpoint.health) == [.unknown, .healthy])
        #expect(after[0].members[1].endpoint === before[0].members[0].endpoint)
        var sum = Statistics.Lane()
        for counters in after[0].counters { counters.add(to: &sum) }
        #expect(sum.split == 1)
    }

    @Test func `one authority in two slots or services is two endpoints`() {
        var registry = Self.registry()
        let config = Self.config(blue: [1], green: [1], services: ["api", "web"])

        let endpoints = registry.lanes(of: config, addresses: [:]).map { $0.members[0].endpoint }

        #expect(Set(endpoints.map { ObjectIdentifier($0) }).count == 4)
    }

    @Test func `an endpoint that is no longer named is forgotten, the others stay`() {
        var registry = Self.registry()
        let both = Self.config(blue: [1, 2], green: [3])
        let before = registry.lanes(of: both, addresses: [:])

        registry.prune(to: Self.config(blue: [1], green: [3]))
        let after = registry.lanes(of: both, addresses: [:])

        #expect(after[0].members[0].endpoint === before[0].members[0].endpoint)
        #expect(after[0].members[1].endpoint !== before[0].members[1].endpoint)
        #expect(after[1].members[0].endpoint === before[1].members[0].endpoint)
    }

    @Test func `counters outlive the lane that they were made for`() {
        var registry = Self.registry()
        _ = registry.lanes(
            of: Self.config(blue: [1], green: [2], services: ["old"]),
            addresses: [:]
        )
        let config = Self.config(blue: [1], green: [2], services: ["new"])
        registry.prune(to: config)
        _ = registry.lanes(of: config, addresses: [:])
        _ = registry.counters()

        let names = registry.allCounters.map { "\($0.service ?? "-") \($0.slot?.index ?? -1)" }

        #expect(names.sorted() == ["- -1", "new 0", "new 1", "old 0", "old 1"])
    }

    @Test func `services that were ever named fill the registry up`() {
        var registry = Self.registry()
        let limit = Registry.serviceLimit
        let names = (0...limit).map { "service\($0)" }
        let full = Self.config(blue: [], green: [], services: Array(names.prefix(limit)))
        #expect(registry.hasRoom(for: full))
        #expect(
            !registry.hasRoom(for: Self.config(blue: [], green: [], services: names))
        )

        _ = registry.lanes(of: full, addresses: [:])

        #expect(registry.hasRoom(for: full))
        #expect(
            !registry.hasRoom(
                for: Self.config(blue: [], green: [], services: [names[limit]])
            )
        )
    }

    @Test func `a name has the address that was resolved for it, if any`() {
        let known = ["app.test": IPAddress(v4: 0xC000_0201)]
        let name = Config.Endpoint.Target.name(host: "app.test", port: 80)

        #expect(name.address(known) == .ip(IPAddress(v4: 0xC000_0201), port: 80))
        #expect(name.address([:]) == nil)
        #expect(
            Config.Endpoint.Target.address(.loopback(port: 7)).address([:]) == .loopback(port: 7)
        )
    }
}
