import Proxy
import TestSupport
import Testing

@Suite("Large bodies", .serialized)
struct LargeBodyTests {
    enum Framing: String, CaseIterable, Sendable {
        case length = "a length"
        case chunked = "chunks"
    }

    static let body = SeededBody(
        seed: 64,
        count: Scale.of(64 * 1024 * 1024, floor: 4 * 1024 * 1024) + 12_345
    )

    @Test(arguments: Framing.allCases)
    func `a large download arrives byte for byte`(framing: Framing) throws {
        let body = Self.body
        let origin = try OriginServer { exchange in
            try exchange.body()
            switch framing {
            case .length:
                try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                try body.forEachPiece { try exchange.send($0) }
            case .chunked:
                try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                try body.forEachPiece(ofBytes: 50_001) { try exchange.sendChunk($0) }
                try exchange.send("0\r\n\r\n")
            }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try RawDownstream(port: proxy.port, readerBytes: 256 * 1024)

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        var check = SeededBodyCheck(body)
        try downstream.readBody(of: head) { check.take($0) }

        #expect(check.isComplete, "\(check.receivedBytes) bytes, \(check.firstDifference ?? -1)")
    }

    @Test(arguments: Framing.allCases)
    func `a large upload arrives byte for byte`(framing: Framing) throws {
        let body = Self.body
        let checked = Monitor<SeededBodyCheck?>(nil)
        let origin = try OriginServer { exchange in
            var check = SeededBodyCheck(body)
            try exchange.readBody { check.take($0) }
            checked.use { $0 = check }
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        switch framing {
        case .length:
            try downstream.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
            )
            try body.forEachPiece { try downstream.wire.send($0) }
        case .chunked:
            try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try body.forEachPiece(ofBytes: 50_001) { piece in
                try downstream.send(Array("\(String(piece.count, radix: 16))\r\n".utf8))
                try downstream.wire.send(piece)
                try downstream.send([0x0D, 0x0A])
            }
            try downstream.send("0\r\n\r\n")
        }
        let response = try downstream.response(to: "POST")

        #expect(response.status == 200)
        #expect(checked.current?.isComplete == true)
    }

    @Test func `a body that is echoed while it is sent arrives byte for byte`() throws {
        let body = SeededBody(seed: 9, count: Scale.of(16 * 1024 * 1024, floor: 1024 * 1024))
        let origin = try OriginServer { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try exchange.readBody { try exchange.sendChunk($0) }
            try exchange.send("0\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        let wire = downstream.wire

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        let sender = Beside { try body.forEachPiece { try wire.send($0) } }
        let head = try downstream.responseHead(to: "POST")
        var check = SeededBodyCheck(body)
        try downstream.readBody(of: head) { check.take($0) }
        try sender.value()

        #expect(check.isComplete)
    }

    @Test func `chunks of one byte arrive byte for byte`() throws {
        let body = SeededBody(seed: 3, count: 20_000)
        let origin = try OriginServer { exchange in
            try exchange.body()
            var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            body.forEachPiece(ofBytes: 1) { bytes += Array("1\r\n".utf8) + $0 + [0x0D, 0x0A] }
            try exchange.send(bytes)
            try exchange.send("0\r\n\r\n")
        }
        let proxy = try ProxyUnderTest(blue: origin)

        var check = SeededBodyCheck(body)
        check.take(try proxy.get().body[...])

        #expect(check.isComplete)
    }

    // MARK: Back-pressure

    /// More than all socket buffers on the way can hold (6 MiB at most each), and the proxy's two.
    private static let heldBytesLimit = 40 * 1024 * 1024
    /// So long does a sender get no room before it counts as stopped.
    private static let stopped = Duration.milliseconds(500)

    @Test func `an origin without end is stopped by a client that does not read`() throws {
        let body = SeededBody(seed: 17, count: 1 << 40)
        let sent = Monitor<Int?>(nil)
        let allRead = Gate()
        let origin = try OriginServer { exchange in
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            let count = Self.sendUntilStopped(body, on: exchange.wire)
            sent.use { $0 = count }
            try allRead.pass()
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect(receiveBufferBytes: 16 * 1024)

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        let sentBytes = try sent.wait(for: "the origin to be stopped") { $0 }
        var check = SeededBodyCheck(body)
        expectBrokenOff {
            try downstream.readBody(of: head) { piece in
                check.take(piece)
                if check.receivedBytes == sentBytes { allRead.open() }
            }
        }

        #expect(sentBytes < Self.heldBytesLimit)
        #expect(check.receivedBytes == sentBytes)
        #expect(check.firstDifference == nil)
    }

    @Test func `a client without end is stopped by an origin that does not read`() throws {
        let body = SeededBody(seed: 18, count: 1 << 40)
        let reading = Gate()
        let received = Monitor<SeededBodyCheck?>(nil)
        let origin = try OriginServer { exchange in
            try reading.pass()
            var check = SeededBodyCheck(body)
            defer { received.use { $0 = check } }
            try exchange.readBody { check.take($0) }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        let sentBytes = Self.sendUntilStopped(body, on: downstream.wire)
        reading.open()
        downstream.finishSending()
        let check = try received.wait(for: "what the origin got") { $0 }

        #expect(sentBytes < Self.heldBytesLimit)
        #expect(check.receivedBytes <= sentBytes)
        #expect(check.firstDifference == nil)
    }

    /// Sends until nobody takes any more for a while, and answers how much was taken.
    private static func sendUntilStopped(_ body: SeededBody, on wire: Wire) -> Int {
        var sentBytes = 0
        var lastProgress = ContinuousClock.now
        while lastProgress.duration(to: .now) < stopped, sentBytes < 2 * heldBytesLimit {
            guard let count = try? wire.sendSome(body.piece(at: sentBytes)) else { break }
            sentBytes += count
            if count > 0 { lastProgress = .now } else { wire.awaitRoom(for: stopped) }
        }
        return sentBytes
    }
}
