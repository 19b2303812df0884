import Proxy
import TestSupport
import Testing

@Suite("Streams across a switch")
struct StreamTests {
    private static let upgrade =
        "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

    @Test func `a long download ends where it began`() throws {
        let body = SeededBody(seed: 21, count: 1_000_000)
        let switched = Gate()
        let blue = try OriginServer("blue") { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            try body.forEachPiece(ofBytes: 10_000) { piece in
                try exchange.send(piece)
                try switched.pass()
            }
        }
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        for slot in [SlotID.green, .blue, .green] { proxy.switchTo(slot) }
        let live = try proxy.get()
        switched.open()
        var check = SeededBodyCheck(body)
        try downstream.readBody(of: head) { check.take($0) }

        #expect(live["X-Origin"] == "green")
        #expect(check.isComplete)
    }

    @Test func `an upload that is under way ends where it began`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf")
        try blue.waitForRequests(1)
        proxy.switchTo(.green)
        try downstream.send("more")
        let response = try downstream.response(to: "POST")

        #expect(response["X-Origin"] == "blue")
        #expect(try blue.onlyRequest().body == Array("halfmore".utf8))
        #expect(green.requests.isEmpty)
    }

    @Test func `a WebSocket echoes through a switch`() throws {
        let blue = try OriginServer("blue", UpgradeTests.echo)
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)

        var echoes: [String] = []
        for number in 0..<20 {
            proxy.switchTo(number.isMultiple(of: 2) ? .green : .blue)
            try downstream.send("message \(number % 10)")
            echoes.append(String(decoding: try downstream.bytes(9), as: UTF8.self))
        }
        downstream.finishSending()

        #expect(echoes == (0..<20).map { "message \($0 % 10)" })
        #expect(try downstream.bytesUntilEnd() == Array("bye".utf8))
        #expect(green.requests.isEmpty)
    }

    @Test func `a stream of the old slot is closed after its time, not before`() throws {
        let blue = try OriginServer("blue", UpgradeTests.echo)
        let green = try OriginServer("green")
        let drain = Duration.milliseconds(400)
        let proxy = try ProxyUnderTest(blue: blue, green: green) {
            $0.timeouts.streamDrain = drain
        }
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)

        let start = ContinuousClock.now
        proxy.switchTo(.green)
        // A WebSocket's last frame: close, with the code 1012.
        #expect(try downstream.bytesUntilEnd() == [0x88, 2, 0x03, 0xF4])

        // The loop's clock ticks, so a few milliseconds may be missing.
        #expect(start.duration(to: .now) > drain - .milliseconds(50))
    }

    @Test func `a stream whose slot is live again before its time stays open`() throws {
        let blue = try OriginServer("blue", UpgradeTests.echo)
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green) {
            $0.timeouts.streamDrain = .milliseconds(300)
        }
        let downstream = try proxy.connect()
        let other = try proxy.connect()
        for connection in [downstream, other] {
            try connection.send(Self.upgrade)
            #expect(try connection.responseHead().status == 101)
        }

        proxy.switchTo(.green)
        proxy.switchTo(.blue)
        downstream.wire.awaitBytes(for: .milliseconds(700))
        try downstream.send("alive")

        #expect(try downstream.bytes(5) == Array("alive".utf8))
    }

    /// Its end could not be told from that of a whole response otherwise.
    @Test func `a response that only its connection's end would end is cut by a reset`() throws {
        let blue = try OriginServer("blue") { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            exchange.waitForEnd()
        }
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green) {
            $0.timeouts.streamDrain = .milliseconds(100)
        }
        let downstream = try proxy.connect()
        try downstream.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        #expect(try downstream.responseHead().status == 200)
        #expect(try downstream.bytes(4) == Array("half".utf8))

        proxy.switchTo(.green)

        #expect(throws: WireFailure.reset) { try downstream.bytesUntilEnd() }
    }
}
