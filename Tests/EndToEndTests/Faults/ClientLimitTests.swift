import Proxy
import TestSupport
import Testing

@Suite("Limits per client")
struct ClientLimitTests {
    private let origin: OriginServer

    init() throws { origin = try OriginServer() }

    private func limited(_ adjust: (inout Config) -> Void = { _ in }) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: origin) { config in
            config.limits.clientRequests = Config.ClientRequests()
            config.limits.clientRequests?.perSecond = 1
            config.limits.clientRequests?.burst = 3
            adjust(&config)
        }
    }

    /// Asks until it is refused; how many were served before that, and the refusal.
    private func exhaust(_ downstream: RawDownstream, _ fields: String...) throws
        -> (served: Int, refusal: HTTPResponse)
    {
        let lines = fields.map { $0 + "\r\n" }.joined()
        for served in 0..<100 {
            let response = try downstream.exchange("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
            if response.status != 200 { return (served, response) }
        }
        throw TestFailure("a hundred requests were served")
    }

    @Test func `who asks too quickly is answered with 429, and others are not`() throws {
        let proxy = try limited()
        let downstream = try proxy.connect()

        let (served, refusal) = try exhaust(downstream)
        let other = try RawDownstream(port: proxy.port, source: "127.0.0.2")

        #expect(served >= 3)
        try expectError(refusal, status: 429)
        #expect(refusal["Retry-After"] == "1")
        #expect(try other.get("/").status == 200)
        try eventually("the same connection is served again") {
            try downstream.get("/").status == 200
        }
        #expect(proxy.server.statistics().clientRequestsRefused > 0)
        #expect(origin.requests.count < 100)
    }

    @Test func `both workers count the same client`() throws {
        let proxy = try limited()
        // Connections go to workers by chance; a table for each would let twice as many through.
        let statuses = try (0..<40).map { _ in try proxy.get().status }

        #expect(statuses.filter { $0 == 429 }.count > 20)
    }

    @Test func `behind a trusted proxy the client counts, of IPv6 its 64 bits`() throws {
        let proxy = try limited {
            $0.forwarded.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap(\.self)
        }
        let downstream = try proxy.connect()

        _ = try exhaust(downstream, "X-Forwarded-For: 2001:db8::1")
        let neighbour = try exhaust(downstream, "X-Forwarded-For: 2001:db8::ffff:2")
        let stranger = try exhaust(downstream, "X-Forwarded-For: 2001:db8:0:1::1")
        let old = try exhaust(downstream, "X-Forwarded-For: 192.0.2.1")

        #expect(neighbour.served < 3)
        #expect(stranger.served >= 3)
        #expect(old.served >= 3)
    }

    @Test func `an untrusted client cannot hide behind a field`() throws {
        let proxy = try limited()
        let downstream = try proxy.connect()

        _ = try exhaust(downstream, "X-Forwarded-For: 192.0.2.1")
        let again = try exhaust(downstream, "X-Forwarded-For: 192.0.2.2")

        #expect(again.served < 3)
    }

    @Test func `a client with enough connections gets no more until one is closed`() throws {
        let proxy = try ProxyUnderTest(blue: origin) { $0.limits.clientConnections = 2 }
        let first = try proxy.connect()
        let second = try proxy.connect()
        #expect(try first.get("/").status == 200)
        #expect(try second.get("/").status == 200)

        try proxy.connect().expectEnd()
        let other = try RawDownstream(port: proxy.port, source: "127.0.0.2")
        #expect(try other.get("/").status == 200)
        #expect(try first.get("/").status == 200)
        #expect(proxy.server.statistics().clientConnectionsRefused == 1)

        second.close()
        try eventually("there is room for another") {
            (try? proxy.connect().get("/").status) == 200
        }
    }

    @Test func `a trusted proxy is not counted`() throws {
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.limits.clientConnections = 1
            $0.forwarded.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap(\.self)
        }

        let downstreams = try (0..<5).map { _ in try proxy.connect() }

        for downstream in downstreams { #expect(try downstream.get("/").status == 200) }
    }
}
