import TestSupport
import Testing

@testable import Proxy

@Suite("Names of endpoints that move or stop resolving")
struct NameTests {
    /// An endpoint by name, whose answers of the resolver the test gives.
    private static func proxy(port: UInt16, _ adjust: (inout Config) -> Void = { _ in }) throws
        -> ProxyUnderTest
    {
        let named = Config.Endpoint(
            authority: "localhost:\(port)",
            target: .name(host: "localhost", port: port)
        )
        return try ProxyUnderTest(
            Config.forTests(blue: [named], green: [named]).with { config in
                config.upstream.resolveInterval = .seconds(24 * 60 * 60)
                adjust(&config)
            }
        )
    }

    private static func address(_ text: String) throws -> IPAddress {
        try #require(IPAddress(text))
    }

    @Test func `a name that moves takes the traffic with it, and no request is lost`() throws {
        let old = try OriginServer("old")
        let new = try OriginServer("new", host: "127.0.0.2", port: old.port)
        let proxy = try Self.proxy(port: old.port)
        let downstream = try proxy.connect()
        #expect(try downstream.get("/")["X-Origin"] == "old")

        proxy.server.note(["localhost": [try Self.address("127.0.0.2")]])
        let moved = try (0..<10).map { _ in try downstream.get("/") }

        #expect(moved.allSatisfy { $0.status == 200 && $0["X-Origin"] == "new" })
        #expect(new.requests.count == 10)
        try eventually("the old connections are closed") { old.connectionsOpen == 0 }
    }

    @Test func `a name that stops resolving keeps its last address`() throws {
        let origin = try OriginServer()
        let proxy = try Self.proxy(port: origin.port)
        let downstream = try proxy.connect()
        #expect(try downstream.get("/").status == 200)

        proxy.server.note([:])

        for _ in 0..<10 { #expect(try downstream.get("/").status == 200) }
        let endpoint = try #require(proxy.server.statistics().endpoints.first)
        #expect(endpoint.address == "127.0.0.1:\(origin.port)")
    }

    @Test func `an ejected endpoint whose name moves begins anew`() throws {
        let old = try OriginServer("old") { $0.reset() }
        let new = try OriginServer("new", host: "127.0.0.2", port: old.port)
        let other = try OriginServer("other")
        let proxy = try Self.proxy(port: old.port) { config in
            config.workers = 1
            config.upstream.balance = .roundRobin
            config.upstream.ejection?.time = .seconds(3_600)
            config.upstream.ejection?.timeLimit = .seconds(3_600)
            config.slots[0].endpoints[0].append(other.endpoint)
        }
        let downstream = try proxy.connect()
        for _ in 0..<10 { _ = try downstream.get("/") }
        #expect(proxy.server.statistics().endpoints.contains { $0.isEjected })

        proxy.server.note(["localhost": [try Self.address("127.0.0.2")]])

        try eventually("it serves") { try downstream.get("/")["X-Origin"] == "new" }
        #expect(!new.requests.isEmpty)
    }
}
