import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("The end of streams after a switch")
struct StreamCloseTests {
    private static let upgrade =
        "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    private static let closeFrame: [UInt8] = [0x88, 2, 0x03, 0xF4]

    /// Sends `first` after the upgrade, and `second` when told to; then waits for its end.
    private static func origin(
        _ first: [UInt8],
        then second: [UInt8] = [],
        after gate: Gate = Gate()
    ) throws -> OriginServer {
        try OriginServer("blue") { exchange in
            exchange.serveNoFurther()
            try exchange.send(accepted)
            try exchange.send(first)
            if !second.isEmpty {
                try gate.pass()
                try exchange.send(second)
            }
            exchange.waitForEnd()
        }
    }

    private static func proxy(_ origin: OriginServer, drain: Duration) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: origin, green: try OriginServer("green")) {
            $0.timeouts.streamDrain = drain
        }
    }

    @Test func `a WebSocket is closed with 1012 behind its last whole frame`() throws {
        let origin = try Self.origin([0x81, 2, 0x68, 0x69])
        let proxy = try Self.proxy(origin, drain: .milliseconds(200))
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)
        #expect(try downstream.bytes(4) == [0x81, 2, 0x68, 0x69])

        proxy.switchTo(.green)

        #expect(try downstream.bytesUntilEnd() == Self.closeFrame)
        #expect(proxy.server.statistics().lanes.allSatisfy { $0.tunnels == 0 })
    }

    @Test func `streams whose time is over are closed one after the other, under load too`() throws
    {
        let begun = Monitor(0)
        let ended = Monitor<[ContinuousClock.Instant]>([])
        let origin = try Self.origin([0x81, 2, 0x68, 0x69])
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: origin, green: green) {
            $0.timeouts.streamDrain = .seconds(4)
        }
        let streams = Beside {
            try inThreads(24) { _ in
                let downstream = try proxy.connect()
                try downstream.send(Self.upgrade)
                _ = try downstream.responseHead()
                begun.use { $0 += 1 }
                _ = try downstream.bytesUntilEnd()
                ended.use { $0.append(.now) }
            }
        }
        try begun.wait(for: "every stream") { $0 == 24 ? true : nil }

        proxy.switchTo(.green)
        // Each request is a turn of the loop, of which none may close more than its share.
        let client = try proxy.connect()
        try eventually("every stream has ended") {
            let status = try client.get("/").status
            #expect(status == 200)
            return ended.current.count == 24
        }

        _ = try streams.value()
        let times = ended.current.sorted()
        #expect(times[0].duration(to: times[23]) > .milliseconds(90))
    }

    @Test func `no close frame is put into the middle of a frame`() throws {
        let gate = Gate()
        // A frame of six bytes, of which three come before the switch.
        let origin = try Self.origin([0x82, 4, 1], then: [2, 3, 4], after: gate)
        let proxy = try Self.proxy(origin, drain: .milliseconds(5_000))
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)
        #expect(try downstream.bytes(3) == [0x82, 4, 1])

        proxy.switchTo(.green)
        downstream.wire.awaitBytes(for: .milliseconds(5_100))
        gate.open()

        #expect(try downstream.bytesUntilEnd() == [2, 3, 4] + Self.closeFrame)
    }

    @Test func `a WebSocket that never ends its frame is cut at the end of the spread`() throws {
        let origin = try Self.origin([0x82, 4, 1])
        let proxy = try Self.proxy(origin, drain: .milliseconds(200))
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)

        proxy.switchTo(.green)

        #expect(try downstream.bytesUntilEnd() == [0x82, 4, 1])
    }

    @Test func `the program's own end tells a WebSocket too`() throws {
        let origin = try Self.origin([0x81, 0])
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.timeouts.drain = .milliseconds(100)
            $0.timeouts.streamDrain = .milliseconds(200)
        }
        let downstream = try proxy.connect()
        try downstream.send(Self.upgrade)
        #expect(try downstream.responseHead().status == 101)

        let drain = Beside { proxy.server.drain() }

        #expect(try downstream.bytesUntilEnd() == [0x81, 0] + Self.closeFrame)
        downstream.close()
        try drain.value()
    }
}

@Suite("What runs on a slot")
struct OccupancyTests {
    @Test func `exchanges are told by route, kind and age, oldest first`() throws {
        let hold = Gate()
        let blue = try OriginServer("blue") { exchange in
            switch exchange.request.target {
            case "/socket": try UpgradeTests.echo(exchange)
            case "/download":
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
                try hold.pass()
                try exchange.send("cde")
            case "/hold":
                try hold.pass()
                try exchange.respond()
            default: try exchange.respond()
            }
        }
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let socket = try proxy.connect()
        try socket.send(
            "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        #expect(try socket.responseHead().status == 101)
        let download = try proxy.connect()
        try download.send("GET /download HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try download.responseHead()
        let held = try proxy.connect()
        try held.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        try blue.waitForRequests(3)
        proxy.switchTo(.green)

        let occupancy = proxy.server.occupancy(of: .blue)
        let other = proxy.server.occupancy(of: .green)

        #expect(occupancy.exchangeCount == 3)
        #expect(occupancy.oldest.map(\.kind) == [.tunnel, .stream, .request])
        #expect(occupancy.oldest.allSatisfy { $0.client == "127.0.0.1" })
        #expect(occupancy.oldest.allSatisfy { $0.endpoint == blue.authority })
        let route = try #require(occupancy.routes.first)
        #expect(occupancy.routes.count == 1)
        #expect((route.requests, route.streams, route.tunnels) == (1, 1, 1))
        #expect(route.oldest == occupancy.oldest[0].age)
        #expect(other.exchangeCount == 0)

        hold.open()
        #expect(try held.response().status == 200)
        try eventually("only the tunnel is left") {
            proxy.server.occupancy(of: .blue).oldest.map(\.kind) == [.tunnel]
        }
        socket.finishSending()
        #expect(try socket.bytesUntilEnd() == Array("bye".utf8))
        try eventually("nothing is left") {
            proxy.server.occupancy(of: .blue).exchangeCount == 0
        }
    }
}
