import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Memory and descriptors", .serialized)
struct ResourceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        Descriptors.raiseLimit()
    }

    /// The larger of the buffers that one direction of an exchange may hold.
    private static let bufferBytes = 1024 * 1024
    /// Two of them, and what an allocator and the first use of code pages add.
    private static let growthLimitBytes = 8 * bufferBytes

    @Test func `a large download through a slow reader needs no memory`() throws {
        let body = SeededBody(seed: 41, count: Scale.of(1 << 30, floor: 1 << 26))
        let isStopped = Gate()
        let origin = try OriginServer("blue") { exchange in
            if exchange.request.target != "/large" { return try exchange.respond() }
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            var sentBytes = 0
            while sentBytes < body.count {
                let count = try exchange.wire.sendSome(body.piece(at: sentBytes))
                sentBytes += count
                if count > 0 { continue }
                if !exchange.wire.awaitRoom(for: .milliseconds(500)) { isStopped.open() }
            }
        }
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        for _ in 0..<100 { _ = try process.connect().get("/") }
        let before = try process.child.residentBytes()
        let downstream = try RawDownstream(
            port: process.port,
            receiveBufferBytes: 64 * 1024,
            readerBytes: 256 * 1024
        )

        try downstream.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try downstream.responseHead()
        try isStopped.pass()
        var most = try process.child.residentBytes()
        var check = SeededBodyCheck(body)
        var pieces = 0
        try downstream.readBody(of: head) { piece in
            check.take(piece)
            pieces += 1
            if pieces.isMultiple(of: 256) { most = max(most, try process.child.residentBytes()) }
        }

        #expect(check.isComplete)
        #expect(most - before < Scale.memory(Self.growthLimitBytes))
    }

    @Test func `stalled downloads hold two buffers each and no more`() throws {
        let body = SeededBody(seed: 42, count: 1 << 40)
        let stalled = Monitor(0)
        let origin = try OriginServer("blue") { exchange in
            if exchange.request.target != "/endless" { return try exchange.respond() }
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            var sentBytes = 0
            var isCounted = false
            while true {
                let count = try exchange.wire.sendSome(body.piece(at: sentBytes))
                sentBytes += count
                if count > 0 || exchange.wire.awaitRoom(for: .milliseconds(300)) { continue }
                if !isCounted { stalled.use { $0 += 1 } }
                isCounted = true
            }
        }
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        for _ in 0..<100 { _ = try process.connect().get("/") }
        let before = try process.child.residentBytes()
        let count = Scale.of(20, floor: 5)

        let downstreams = try (0..<count).map { _ in
            let downstream = try process.connect(receiveBufferBytes: 16 * 1024)
            try downstream.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try downstream.responseHead().status == 200)
            return downstream
        }
        try stalled.wait(for: "all downloads to stall") { $0 == count ? true : nil }
        let growth = try process.child.residentBytes() - before
        for downstream in downstreams { downstream.reset() }

        #expect(growth < Scale.memory(count * 2 * Self.bufferBytes))
    }

    @Test func `idle connections cost little, and nothing once they are gone`() throws {
        let origin = try OriginServer("blue")
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        for _ in 0..<100 { _ = try process.connect().get("/") }
        try eventually("the first connections are gone") {
            try process.admin("GET", "/metrics").text
                .contains("downstream_connections{state=\"idle\"} 0")
        }
        let descriptors = try process.child.descriptorCount()
        let before = try process.child.residentBytes()
        let count = Scale.of(2000, floor: 200)

        var idle = try (0..<count).map { _ in
            let downstream = try RawDownstream(port: process.port, readerBytes: 1024)
            #expect(try downstream.get("/").status == 200)
            return downstream
        }
        let growth = try process.child.residentBytes() - before
        let open = try process.child.descriptorCount()
        let last = try idle[count - 1].get("/").status
        idle = []

        #expect(last == 200)
        // The connections that the base line had to the admin port and to origins may be gone.
        #expect(open >= descriptors + count * 9 / 10)
        #expect(growth < Scale.memory(count * 4096 + Self.growthLimitBytes / 4))
        try eventually("all descriptors are given back") {
            try process.child.descriptorCount() <= descriptors
        }
    }

    @Test func `descriptors come back from every kind of end`() throws {
        let origin = try OriginServer("blue") { exchange in
            switch exchange.request.target {
            case "/reset": exchange.reset()
            case "/half":
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                exchange.close()
            case "/socket": try UpgradeTests.echo(exchange)
            default: try exchange.respond(fields: ["Connection: close"])
            }
        }
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        for _ in 0..<20 { _ = try process.connect().get("/") }
        try eventually("the first connections are gone") {
            origin.connectionsOpen == 0
        }
        let before = try process.child.descriptorCount()

        for _ in 0..<Scale.of(50, floor: 10) {
            _ = try process.connect().get("/reset")
            _ = try? process.connect().get("/half")
            _ = try process.connect().exchange("bad\r\n\r\n")
            let socket = try process.connect()
            try socket.send(
                "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
            )
            _ = try socket.responseHead()
            socket.reset()
            try process.connect().send("GET / HTTP/1.1\r\nHo")
        }

        try eventually("all descriptors are given back") {
            try process.child.descriptorCount() <= before
        }
    }
}
