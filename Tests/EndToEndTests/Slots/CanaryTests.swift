import Proxy
import TestSupport
import Testing

@Suite("Canary")
struct CanaryTests {
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        blue = try OriginServer("blue")
        green = try OriginServer("green")
    }

    private func proxy(_ sticky: Config.Canary.Sticky) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: blue, green: green) { $0.canary.sticky = sticky }
    }

    /// The keys, of so many, that the canary answers.
    private static func keysInCanary(
        _ keys: Range<Int>,
        at proxy: ProxyUnderTest,
        _ field: (Int) -> String
    ) throws -> Set<Int> {
        let downstream = try proxy.connect()
        return try Set(keys.filter { try downstream.get("/", field($0))["X-Origin"] == "green" })
    }

    @Test(arguments: [Config.Canary.Sticky.none, .header("x-user"), .clientAddress])
    func `a canary of 0 gets nothing and one of 100 gets all`(
        sticky: Config.Canary.Sticky
    ) throws {
        let proxy = try proxy(sticky)

        proxy.setCanary(Weight.none)
        let atNone = try Self.keysInCanary(0..<300, at: proxy) { "X-User: \($0)" }
        proxy.setCanary(.all)
        let atAll = try Self.keysInCanary(0..<300, at: proxy) { "X-User: \($0)" }

        #expect(atNone.isEmpty)
        #expect(atAll.count == 300)
    }

    @Test func `a key stays where it is, and a higher weight moves keys only into the canary`()
        throws
    {
        let proxy = try proxy(.header("x-user"))
        var before: Set<Int> = []

        for percent in [5.0, 20, 60, 95] {
            proxy.setCanary(Weight(percent: percent))
            let first = try Self.keysInCanary(0..<400, at: proxy) { "X-User: user-\($0)" }
            let again = try Self.keysInCanary(0..<400, at: proxy) { "X-User: user-\($0)" }

            #expect(first == again)
            #expect(first.isSuperset(of: before))
            // Six standard deviations of 400 even draws are 60 keys at most.
            #expect((Double(first.count) - 4 * percent).magnitude < 60)
            before = first
        }
    }

    @Test func `a cookie keeps its user in one slot, wherever it stands`() throws {
        let proxy = try proxy(.cookie("user"))
        proxy.setCanary(Weight(percent: 50))

        let alone = try Self.keysInCanary(0..<100, at: proxy) { "Cookie: user=u\($0)" }
        let among = try Self.keysInCanary(0..<100, at: proxy) {
            "Cookie: xuser=other; user=u\($0); theme=dark"
        }

        #expect(alone == among)
        #expect((20...80).contains(alone.count))
    }

    @Test func `a client address stays in one slot`() throws {
        let proxy = try proxy(.clientAddress)
        proxy.setCanary(Weight(percent: 50))

        let names = try (1...60).map { host in
            try (0..<3).map { _ in
                try RawDownstream(port: proxy.port, source: "127.0.1.\(host)").get("/")["X-Origin"]
            }
        }

        #expect(names.allSatisfy { Set($0).count == 1 })
        #expect(Set(names.map { $0[0] }) == ["blue", "green"])
    }

    @Test func `without a key the share holds by chance`() throws {
        let proxy = try proxy(.none)
        proxy.setCanary(Weight(percent: 25))
        let downstream = try proxy.connect()

        let inCanary = try (0..<800).filter { _ in
            try downstream.get("/")["X-Origin"] == "green"
        }

        // Six standard deviations of 800 draws at a quarter are 74.
        #expect((126...274).contains(inCanary.count))
    }

    @Test func `a canary under load loses no request`() throws {
        blue.behave(LoadClients.answer)
        green.behave(LoadClients.answer)
        let proxy = try proxy(.none)
        let load = LoadClients(Scale.of(16, floor: 4), port: proxy.port)
        try load.waitForResponses(50)

        for step in 0..<Scale.of(200, floor: 20) {
            proxy.setCanary(Weight(basisPoints: UInt32(step * 50 % 10_001)))
        }
        proxy.setCanary(nil)
        let tally = load.stop()

        #expect(tally.failureCount == 0, "\(tally.failures)")
        #expect(try proxy.get()["X-Origin"] == "blue")
    }
}
