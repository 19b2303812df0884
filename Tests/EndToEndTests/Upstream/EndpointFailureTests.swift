import Proxy
import TestSupport
import Testing

@Suite("Endpoints that fail")
struct EndpointFailureTests {
    /// How an origin promises a body of 1,000 bytes or of unknown size.
    enum Framing: String, CaseIterable, Sendable {
        case length = "Content-Length: 1000\r\n\r\n"
        case chunked = "Transfer-Encoding: chunked\r\n\r\n3E8\r\n"
        case untilClose = "X-None: 1\r\n\r\n"
    }

    /// How it goes away in the middle of it.
    enum Death: CaseIterable, Sendable { case close, reset }

    /// Sends half a body, and dies once `read` is open.
    private static func dyingOrigin(
        _ framing: Framing,
        _ death: Death,
        read: Gate
    ) throws -> OriginServer {
        try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\n\(framing.rawValue)half")
            try read.pass()
            switch death {
            case .close: exchange.close()
            case .reset: exchange.reset()
            }
        }
    }

    @Test(
        arguments: [
            (Framing.length, Death.close), (.length, .reset), (.chunked, .close),
            (.chunked, .reset), (.untilClose, .reset),
        ],
        ["HTTP/1.1", "HTTP/1.0"]
    )
    func `a body that breaks off upstream never ends cleanly downstream`(
        upstream: (framing: Framing, death: Death),
        version: String
    ) throws {
        let read = Gate()
        let origin = try Self.dyingOrigin(upstream.framing, upstream.death, read: read)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("GET / \(version)\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        var body: [UInt8] = []
        expectBrokenOff {
            try downstream.readBody(of: head) { piece in
                body += piece
                if body.count == 4 { read.open() }
            }
        }

        #expect(body == Array("half".utf8))
    }

    @Test func `an endpoint that stops in the middle of a body is given up`() throws {
        let never = Gate()
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
            try never.pass()
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.streamIdle = .milliseconds(200)
        }
        defer { never.open() }

        expectBrokenOff { _ = try proxy.get() }
    }

    @Test func `a stream that keeps moving is never cut, however long it takes`() throws {
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in 0..<10 {
                try exchange.sendChunk("\(number)")
                // Every piece comes within the limit, all of them together do not.
                exchange.wire.awaitBytes(for: .milliseconds(100))
            }
            try exchange.send("0\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.streamIdle = .milliseconds(600)
            $0.timeouts.responseHead = .milliseconds(600)
            $0.timeouts.keepalive = .milliseconds(600)
        }

        #expect(try proxy.get().text == "0123456789")
    }

    @Test func `one dead endpoint of three costs no request`() throws {
        let origins = try (0..<3).map { try OriginServer("\($0)") }
        let proxy = try ProxyUnderTest(
            .forTests(blue: origins.map(\.endpoint), green: [origins[0].endpoint])
                .with { $0.upstream.balance = .roundRobin }
        )
        let downstream = try proxy.connect()
        for _ in 0..<30 { #expect(try downstream.get("/").status == 200) }

        origins[1].stopListening()
        origins[1].closeConnections()
        let first = try (0..<3).map { _ in try downstream.get("/").status }
        try proxy.waitForHealth(.unhealthy, of: origins[1])
        let responses = try (0..<60).map { _ in try downstream.get("/") }

        #expect(first == [200, 200, 200])
        #expect(responses.allSatisfy { $0.status == 200 && $0["X-Origin"] != "1" })
        #expect(Set(responses.compactMap { $0["X-Origin"] }) == ["0", "2"])
    }

    @Test func `an endpoint that comes back is used again`() throws {
        let origins = try (0..<2).map { try OriginServer("\($0)") }
        origins[1].stopListening()
        let proxy = try ProxyUnderTest(
            .forTests(blue: origins.map(\.endpoint), green: [origins[0].endpoint])
                .with { $0.upstream.balance = .roundRobin }
        )
        try proxy.waitForHealth(.unhealthy, of: origins[1])
        #expect(try proxy.get().status == 200)

        try origins[1].listen()
        try proxy.waitForHealth(.healthy, of: origins[1])
        let names = try (0..<20).map { _ in try proxy.get()["X-Origin"] }

        #expect(Set(names) == ["0", "1"])
    }

    @Test func `an origin that resets while a body is sent to it is answered with 502`() throws {
        let origin = try OriginServer { $0.reset() }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        let response = try downstream.response(to: "POST")

        try expectError(response, status: 502)
        #expect(origin.requests.count == 1)
    }
}
