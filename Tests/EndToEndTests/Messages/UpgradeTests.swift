import Proxy
import TestSupport
import Testing

@Suite("Upgraded connections")
struct UpgradeTests {
    private static let request = """
        GET /socket HTTP/1.1\r
        Host: a\r
        Connection: keep-alive, Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r\n
        """

    private static let accepted = """
        HTTP/1.1 101 Switching Protocols\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r\n
        """

    /// Accepts the upgrade and echoes until the client's half ends; then says goodbye.
    static let echo: OriginServer.Behaviour = { exchange in
        exchange.serveNoFurther()
        try exchange.send(accepted)
        while true {
            let bytes = try exchange.reader.someBytes()
            if bytes.isEmpty { break }
            try exchange.send(bytes)
        }
        try exchange.send("bye")
    }

    @Test func `a tunnel carries bytes both ways and closes half by half`() throws {
        let origin = try OriginServer("origin", Self.echo)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(Self.request)
        let response = try downstream.responseHead()
        try downstream.send("ping")
        let first = try downstream.bytes(4)
        try downstream.send("pong!")
        let second = try downstream.bytes(5)
        downstream.finishSending()
        let rest = try downstream.bytesUntilEnd()

        #expect(response.status == 101)
        #expect(response.head.members("Connection").contains("upgrade"))
        #expect(response["Upgrade"] == "websocket")
        #expect(response["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(first == Array("ping".utf8))
        #expect(second == Array("pong!".utf8))
        #expect(rest == Array("bye".utf8))
        let request = origin.requests[0]
        #expect(request.head.members("Connection").contains("upgrade"))
        #expect(request["Upgrade"] == "websocket")
        #expect(request["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ==")
    }

    @Test func `an origin that has closed its half still hears the client`() throws {
        let heard = Monitor<[UInt8]?>(nil)
        let origin = try OriginServer { exchange in
            exchange.serveNoFurther()
            try exchange.send(Self.accepted + "only")
            exchange.wire.finishSending()
            var bytes: [UInt8] = []
            try exchange.reader.body(.untilClose) { bytes += $0 }
            heard.use { $0 = bytes }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(Self.request)
        let response = try downstream.responseHead()
        let received = try downstream.bytesUntilEnd()
        try downstream.send("still here")
        downstream.finishSending()

        #expect(response.status == 101)
        #expect(received == Array("only".utf8))
        let bytes = try heard.wait(for: "the client's half") { $0 }
        #expect(bytes == Array("still here".utf8))
    }

    @Test func `bytes that follow the heads at once are not lost`() throws {
        let origin = try OriginServer { exchange in
            exchange.serveNoFurther()
            try exchange.send(Self.accepted + "server first")
            let bytes = try exchange.reader.bytes(12)
            try exchange.send(bytes)
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(Self.request + "client first")
        let response = try downstream.responseHead()
        let received = try downstream.bytes(24)

        #expect(response.status == 101)
        #expect(String(decoding: received, as: UTF8.self) == "server firstclient first")
    }

    @Test func `a tunnel keeps every byte of large streams in both directions`() throws {
        let body = SeededBody(seed: 5, count: Scale.of(8 * 1024 * 1024, floor: 512 * 1024))
        let origin = try OriginServer("origin", Self.echo)
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        try downstream.send(Self.request)
        #expect(try downstream.responseHead().status == 101)

        let wire = downstream.wire
        let sender = Beside {
            try body.forEachPiece { try wire.send($0) }
            wire.finishSending()
        }
        var check = SeededBodyCheck(body)
        while check.receivedBytes < body.count {
            let left = min(body.count - check.receivedBytes, 64 * 1024)
            check.take(try downstream.bytes(left)[...])
        }
        let rest = try downstream.bytesUntilEnd()
        try sender.value()

        #expect(check.isComplete)
        #expect(rest == Array("bye".utf8))
    }

    @Test func `a tunnel may be quiet longer than anything else may take`() throws {
        let origin = try OriginServer("origin", Self.echo)
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.requestHead = .milliseconds(200)
            $0.timeouts.requestBody = .milliseconds(200)
            $0.timeouts.responseHead = .milliseconds(200)
            $0.timeouts.keepalive = .milliseconds(200)
            $0.upstream.idleTimeout = .milliseconds(200)
        }
        let downstream = try proxy.connect()
        try downstream.send(Self.request)
        #expect(try downstream.responseHead().status == 101)

        let early = downstream.wire.awaitBytes(for: .milliseconds(600))
        try downstream.send("ping")

        #expect(!early)
        #expect(try downstream.bytes(4) == Array("ping".utf8))
    }

    @Test func `a tunnel that nobody uses is closed after its time`() throws {
        let origin = try OriginServer("origin", Self.echo)
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.streamIdle = .milliseconds(300)
        }
        let downstream = try proxy.connect()
        try downstream.send(Self.request)
        #expect(try downstream.responseHead().status == 101)

        try downstream.expectEnd()
        try eventually("the origin's side is closed") { origin.connectionsOpen == 0 }
    }

    @Test(arguments: ["200 OK", "400 Bad Request", "426 Upgrade Required"])
    func `an upgrade that the origin refuses is an ordinary exchange`(status: String) throws {
        let origin = try OriginServer { try $0.respond(status, body: "no") }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        let refused = try downstream.exchange(Self.request)
        let next = try downstream.get("/next")

        #expect(refused.head.startLine == "HTTP/1.1 \(status)")
        #expect(refused.text == "no")
        #expect(next.text == "no")
        #expect(origin.requests.map(\.target) == ["/socket", "/next"])
    }

    @Test func `a tunnel ends for the origin when the client resets it`() throws {
        let ended = Gate()
        let origin = try OriginServer { exchange in
            exchange.serveNoFurther()
            try exchange.send(Self.accepted)
            defer { ended.open() }
            while try !exchange.reader.someBytes().isEmpty {}
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(Self.request)
        #expect(try downstream.responseHead().status == 101)
        downstream.reset()

        try ended.pass()
    }

    @Test func `CONNECT is refused and the connection closed`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
        let response = try downstream.response()

        #expect(response.status == 501)
        #expect(response.saysClose)
        try downstream.expectEnd()
        #expect(origin.requests.isEmpty)
    }
}
