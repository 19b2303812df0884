import Proxy
import TestSupport
import Testing

/// Harm at every stage of an exchange, byte by byte.
@Suite("Faults at every stage")
struct StageTests {
    /// What the origin answers, in full.
    private static let body = "0123456789"

    private static func proxy(_ origin: OriginServer) throws -> (FaultRelay, ProxyUnderTest) {
        let relay = try FaultRelay(to: origin)
        let proxy = try ProxyUnderTest(
            Config.forTests(blue: [relay.endpoint], green: [relay.endpoint]).with {
                $0.probe(.none)
                // A pooled connection would have the bytes of the request before it counted too.
                $0.upstream.idleConnections = 0
            }
        )
        return (relay, proxy)
    }

    private static func origin() throws -> OriginServer {
        try OriginServer { try $0.respond(body: Self.body) }
    }

    /// Bytes of the origin's response to this test's requests.
    private static func responseBytes(_ origin: OriginServer) -> Int {
        let head = "HTTP/1.1 200 OK\r\nX-Origin: \(origin.name)\r\nContent-Length: 10\r\n\r\n"
        return head.utf8.count + body.utf8.count
    }

    /// What a client may see of an exchange that was broken: an honest error, or a cut.
    private static func expectHonest(_ proxy: ProxyUnderTest, _ claim: String) throws {
        let downstream = try proxy.connect()
        do {
            let response = try downstream.get("/")
            #expect(response.status == 502, "\(claim)")
        } catch let failure as WireFailure {
            #expect(failure.isBrokenOff, "\(claim): \(failure)")
        }
    }

    enum Harm: String, CaseIterable, Sendable {
        case reset, close, halfClose

        func after(_ bytes: Int) -> FaultRelay.Fault {
            switch self {
            case .reset: .resetAfterResponse(bytes: bytes)
            case .close: .closeAfterResponse(bytes: bytes)
            case .halfClose: .halfCloseAfterResponse(bytes: bytes)
            }
        }
    }

    @Test(arguments: Harm.allCases)
    func `a response that ends at any byte but its last is never taken for whole`(
        harm: Harm
    ) throws {
        let origin = try Self.origin()
        let (relay, proxy) = try Self.proxy(origin)
        let bytes = Self.responseBytes(origin)

        // A reset before the first byte may come as early as the connect, which is tried again.
        let counts = (harm == .reset ? 1 : 0)..<bytes
        for count in counts {
            relay.harm(harm.after(count))
            try Self.expectHonest(proxy, "\(harm) after \(count) bytes of \(bytes)")
            relay.harm(.none)
            let next = try proxy.get()
            #expect(next.status == 200 && next.text == Self.body, "after \(harm) at \(count)")
        }

        // A client has its last byte a moment before the worker has counted the attempt.
        try eventually("no attempt is in flight") {
            proxy.server.statistics().endpoints.first?.inFlight == 0
        }
        let endpoint = try #require(proxy.server.statistics().endpoints.first)
        let outcomes = Dictionary(uniqueKeysWithValues: endpoint.attempts.map { ($0, $1) })
        let each = UInt64(counts.count)
        #expect(outcomes == ["success": each, "closed": each])
    }

    @Test func `a connection reset at any byte of a request is answered with 502`() throws {
        let origin = try Self.origin()
        let (relay, proxy) = try Self.proxy(origin)
        #expect(try proxy.get().status == 200)
        let first = try origin.onlyRequest()
        // The head as it went upstream is longer than what the client wrote.
        let bytes = first.head.bytes.count

        for count in stride(from: 0, to: bytes, by: 3) {
            relay.harm(.resetAfterRequest(bytes: count))
            try Self.expectHonest(proxy, "reset after \(count) bytes of the request")
            relay.harm(.none)
            #expect(try proxy.get().text == Self.body, "after a reset at \(count)")
        }
    }

    @Test func `a response that trickles arrives whole`() throws {
        let origin = try Self.origin()
        let (relay, proxy) = try Self.proxy(origin)
        relay.harm(.trickle)

        let response = try proxy.get()

        #expect(response.status == 200)
        #expect(response.text == Self.body)
    }

    @Test func `an endpoint that accepts and hangs costs its time and no more`() throws {
        let origin = try Self.origin()
        let relay = try FaultRelay(to: origin)
        let proxy = try ProxyUnderTest(
            Config.forTests(blue: [relay.endpoint], green: [relay.endpoint]).with {
                $0.probe(.none)
                $0.timeouts.responseHead = .milliseconds(200)
            }
        )
        relay.harm(.hang)

        try expectError(try proxy.get(), status: 504)
        relay.harm(.none)
        #expect(try proxy.get().text == Self.body)
    }
}
