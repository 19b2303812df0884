import Proxy
import TestSupport
import Testing

@Suite("Sessions of a thousand users")
struct SessionUsersTests {
    /// Which slot answered a user at the frontend and at the backend.
    private struct Sight: Sendable, Equatable {
        let frontend: String
        let backend: String
    }

    private let frontend: [OriginServer]
    private let backend: [OriginServer]
    private let proxy: ProxyUnderTest
    private let ports: [UInt16]

    init() throws {
        frontend = try ["blue", "green"].map { try OriginServer($0) }
        backend = try ["blue", "green"].map { try OriginServer($0) }
        var config = Config.forTests(blue: [], green: [], services: ["backend", "frontend"])
        for slot in SlotID.both {
            config.slots[slot.index].endpoints = [
                [backend[slot.index].endpoint], [frontend[slot.index].endpoint],
            ]
        }
        config.listeners = [
            .forTests(routes: [Config.Route(service: 1)]),
            .forTests(host: "127.0.0.2", routes: [Config.Route(service: 0)]),
        ]
        // Nothing but the cookie keeps a user.
        config.canary.sticky = .none
        config.canary.session = Config.Session()
        let proxy = try ProxyUnderTest(config)
        self.proxy = proxy
        ports = try config.listeners.map { try proxy.port(ofListener: $0.address) }
    }

    /// Every user asks the one listener and then the other.
    private func visit(_ jars: [CookieJar]) throws -> (sights: [Sight], jars: [CookieJar]) {
        let (ports, threads) = (ports, 4)
        let parts = try inThreads(threads) { part in
            let downstreams = [
                try RawDownstream(port: ports[0]),
                try RawDownstream(port: ports[1], host: "127.0.0.2"),
            ]
            return try stride(from: part, to: jars.count, by: threads).map { user in
                var jar = jars[user]
                let names = try downstreams.map { downstream in
                    let response = try downstream.get("/", jar.field)
                    jar.take(response)
                    return response["X-Origin"] ?? "nobody"
                }
                return (user, Sight(frontend: names[0], backend: names[1]), jar)
            }
        }
        let all = parts.flatMap(\.self).sorted { $0.0 < $1.0 }
        return (all.map(\.1), all.map(\.2))
    }

    @Test func `frontend and backend of a user agree, and nobody leaves a canary that grows`()
        throws
    {
        let count = Scale.of(1_000, floor: 200)
        var jars = Array(repeating: CookieJar(), count: count)
        var before: Set<Int> = []

        for percent in [0.0, 1, 5, 25, 50, 100] {
            proxy.setCanary(Weight(percent: percent))
            let (sights, kept) = try visit(jars)
            jars = kept
            let inCanary = Set(sights.indices.filter { sights[$0].backend == "green" })

            #expect(sights.allSatisfy { $0.frontend == $0.backend })
            #expect(inCanary.isSuperset(of: before))
            let expected = Double(count) * percent / 100
            // Six standard deviations of even draws are three roots of their number.
            #expect((Double(inCanary.count) - expected).magnitude <= 3 * Double(count).squareRoot())
            before = inCanary
        }
        #expect(before.count == count)

        proxy.switchTo(.green)
        let (promoted, last) = try visit(jars)
        #expect(promoted.allSatisfy { $0 == Sight(frontend: "green", backend: "green") })
        #expect(last.allSatisfy { $0.isEmpty })
    }
}
