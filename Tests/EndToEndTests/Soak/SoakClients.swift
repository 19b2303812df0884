import CLinux
import Glibc
import TestSupport

/// Clients of one kind: each does the same again and again until it is told to stop.
enum SoakKind: String, CaseIterable, Sendable {
    case keepAlive = "keep-alive"
    case perRequest = "connection per request"
    case upload
    case webSocket = "WebSocket"
    case pipelining
    case http10 = "HTTP/1.0"

    var clients: Int { self == .webSocket ? 4 : 2 }
}

/// What clients of each kind saw.
struct SoakTally: Sendable {
    struct Kind: Sendable {
        var requests = 0
        var bytes = 0
        var failures: [String] = []
        var failureCount = 0
        /// WebSockets that were closed with 1012, as a drain does.
        var restarts = 0

        mutating func fail(_ reason: String) {
            failureCount += 1
            if failures.count < 5 { failures.append(reason) }
        }
    }

    var kinds: [SoakKind: Kind] = [:]
    var isStopped = false

    var requests: Int { kinds.values.reduce(0) { $0 + $1.requests } }
    var failureCount: Int { kinds.values.reduce(0) { $0 + $1.failureCount } }
}

/// One client: its connection, and what it does with it.
final class SoakClient {
    private static let upload = SeededBody(seed: 9, count: 300_000)

    private let kind: SoakKind
    private let port: UInt16
    private let tally: Monitor<SoakTally>
    private var connection: RawDownstream?
    private var number = 0

    init(_ kind: SoakKind, port: UInt16, tally: Monitor<SoakTally>) {
        self.kind = kind
        self.port = port
        self.tally = tally
    }

    func run() {
        while !tally.use({ $0.isStopped }) {
            number += 1
            do {
                let bytes = try once()
                tally.use {
                    $0.kinds[kind, default: .init()].requests += 1
                    $0.kinds[kind]?.bytes += bytes
                }
            } catch {
                connection = nil
                tally.use { $0.kinds[kind, default: .init()].fail("\(kind.rawValue): \(error)") }
            }
        }
    }

    /// One request, or one message; returns the bytes of its answer.
    private func once() throws -> Int {
        switch kind {
        case .keepAlive: try get(fields: "", closes: false)
        case .perRequest: try get(fields: "Connection: close\r\n", closes: true)
        case .upload: try uploadOnce()
        case .webSocket: try echoOnce()
        case .pipelining: try pipeline()
        case .http10: try http10()
        }
    }

    private func open() throws -> RawDownstream {
        let open = try connection ?? RawDownstream(port: port, readerBytes: 4_096)
        connection = open
        return open
    }

    private func get(fields: String, closes: Bool) throws -> Int {
        let target = "/\(number)"
        let response = try open().exchange(
            "GET \(target) HTTP/1.1\r\nHost: soak.example\r\n\(fields)\r\n"
        )
        try Self.check(response, target)
        if closes || response.saysClose { connection = nil }
        return response.body.count
    }

    private static func check(_ response: HTTPResponse, _ target: String) throws {
        guard response.status == 200, response.text == "\(target)\n" else {
            throw TestFailure("\(target): \(response.status) \(response.text.prefix(200))")
        }
    }

    private func uploadOnce() throws -> Int {
        let open = try open()
        let count = Self.upload.count
        try open.send(
            "POST /upload HTTP/1.1\r\nHost: soak.example\r\nContent-Length: \(count)\r\n\r\n"
        )
        try Self.upload.forEachPiece(ofBytes: 50_000) { try open.wire.send($0) }
        let response = try open.response(to: "POST")
        try Self.check(response, "whole \(count)")
        if response.saysClose { connection = nil }
        return response.body.count
    }

    private func pipeline() throws -> Int {
        let targets = (0..<8).map { "/\(number)/\($0)" }
        var rest = targets[...]
        var bytes = 0
        while !rest.isEmpty {
            let open = try open()
            try open.send(
                rest.map { "GET \($0) HTTP/1.1\r\nHost: soak.example\r\n\r\n" }.joined()
            )
            // What stands behind an answer that says close was not served (RFC 9112 §9.3.2).
            while let target = rest.popFirst() {
                let response = try open.response()
                try Self.check(response, target)
                bytes += response.body.count
                guard response.saysClose else { continue }
                connection = nil
                break
            }
        }
        return bytes
    }

    private func http10() throws -> Int {
        let target = "/\(number)"
        let open = try RawDownstream(port: port)
        let response = try open.exchange("GET \(target) HTTP/1.0\r\nHost: a\r\n\r\n")
        try Self.check(response, target)
        return response.body.count
    }

    // MARK: WebSocket

    private static let closeFrame: [UInt8] = [0x88, 2, 0x03, 0xF4]

    /// A masked text frame there, the same text unmasked back.
    private func echoOnce() throws -> Int {
        let open = try connection ?? handshake()
        connection = open
        do {
            try open.send([0x81, 0x84, 0, 0, 0, 0] + Array("ping".utf8))
        } catch WireFailure.reset { return try awaitRestart(open, []) }
        let first: [UInt8]
        do { first = try open.bytes(2) } catch WireFailure.reset {
            throw TestFailure("a reset in place of an echo or a close frame")
        }
        guard first == [0x81, 4] else { return try awaitRestart(open, first) }
        guard try open.bytes(4) == Array("ping".utf8) else { throw TestFailure("another text") }
        return 6
    }

    private func handshake() throws -> RawDownstream {
        let open = try RawDownstream(port: port, readerBytes: 4_096)
        try open.send(
            "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        let head = try open.responseHead()
        guard head.status == 101 else { throw TestFailure("the upgrade got \(head.status)") }
        return open
    }

    /// The stream's time on its slot was over: then this, and nothing else, is what comes.
    private func awaitRestart(_ open: RawDownstream, _ first: [UInt8]) throws -> Int {
        connection = nil
        let frame = try first + open.bytes(Self.closeFrame.count - first.count)
        guard frame == Self.closeFrame else { throw TestFailure("\(frame) came for a close frame") }
        tally.use { $0.kinds[.webSocket]?.restarts += 1 }
        return frame.count
    }
}
