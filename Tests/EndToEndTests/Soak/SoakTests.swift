import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

/// Everything that may change, in random order, under load from every kind of client: no request may
/// fail, and nothing may grow.
@Suite("Soak", .serialized)
struct SoakTests {
    /// One minute, or what `SWITCHYARD_SOAK` says, such as `10m` (`make soak LENGTH=10m`).
    private static let length: Duration = {
        guard let text = unsafe getenv("SWITCHYARD_SOAK") else { return .seconds(60) }
        return DurationText.parse(unsafe String(cString: text)) ?? .seconds(60)
    }()
    /// One process of the proxy in a debug build under this load, with room for old generations.
    private static let residentLimitBytes = Scale.memory(256 << 20)

    private enum Change: String, CaseIterable {
        case reload, `switch`, rollback, canary, endpoint, upgrade
    }

    private let folder: TemporaryFolder
    private let origins: [OriginServer]

    init() throws {
        folder = try TemporaryFolder()
        origins = try ["blue", "blue", "green", "green"].map { name in
            try OriginServer(name, keepsRecord: false) { exchange in
                switch exchange.request.target {
                case "/socket": try Self.echo(exchange)
                case "/upload":
                    let count = try exchange.body().count
                    try exchange.respond(body: "whole \(count)\n")
                default: try exchange.respond(body: "\(exchange.request.target)\n")
                }
            }
        }
    }

    /// Answers each frame of four masked bytes by the same text.
    private static func echo(_ exchange: OriginExchange) throws {
        exchange.serveNoFurther()
        try exchange.send(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        while true {
            _ = try exchange.reader.bytes(10)
            try exchange.send([0x81, 4] + Array("ping".utf8))
        }
    }

    @Test func `nothing fails and nothing grows while everything changes`() throws {
        let seed = UInt64(MonotonicTime.now().nanoseconds)
        var random = SeededRandom(seed: seed)
        let process = try SwitchyardProcess(config(both: true), in: folder)
        let tally = Monitor(SoakTally())
        let clients = SoakKind.allCases.flatMap { kind in
            (0..<kind.clients).map { _ in
                WorkThread { SoakClient(kind, port: process.port, tally: tally).run() }
            }
        }
        var yard = SoakYard(process: process)
        defer { yard.kill() }
        let deadline = Deadline(after: Self.length)
        var progress = SoakProgress(length: Self.length)
        var counts: [Change: Int] = [:]
        while !deadline.hasPassed {
            let change = Change.allCases.randomElement(using: &random) ?? .reload
            try apply(change, to: &yard, using: &random)
            counts[change, default: 0] += 1
            yard.measure()
            let now = tally.use { ($0.requests, $0.failureCount) }
            progress.tell(now.0, now.1, changes: counts.values.reduce(0, +), yard)
            let start = now.0
            // Between two changes there is traffic, however slow the machine.
            try tally.wait(for: "traffic") {
                $0.requests >= start + 50 || $0.failureCount > 0 ? true : nil
            }
        }
        tally.use { $0.isStopped = true }
        for client in clients { client.join() }
        let seen = tally.use { $0 }
        print(SoakProgress.table(seen, counts.map { ($0.key.rawValue, $0.value) }, yard))

        #expect(seen.failureCount == 0, "seed \(seed): \(seen.kinds.values.flatMap(\.failures))")
        for kind in SoakKind.allCases { #expect(seen.kinds[kind]?.requests ?? 0 > 0) }
        for change in Change.allCases { #expect(counts[change] ?? 0 > 0, "no \(change)") }
        #expect(yard.mostResidentBytes < Self.residentLimitBytes)
        // Flat: what leaks with each change or request would show in the second half.
        let most = yard.mostOfHalves
        #expect(most.first > 0)
        #expect(most.second < most.first * 5 / 4 + Scale.memory(4 << 20))
        try eventually("old processes have ended and descriptors are back at the base line") {
            try yard.descriptorsAreBack()
        }
    }

    private func apply(
        _ change: Change,
        to yard: inout SoakYard,
        using random: inout SeededRandom
    ) throws {
        switch change {
        case .reload:
            _ = try folder.write(config(both: Bool.random(using: &random)).json, to: "proxy.json")
            try yard.change("POST", "/reload")
        case .switch:
            try yard.change("POST", "/switch/\(Bool.random(using: &random) ? "blue" : "green")")
        case .rollback: try yard.change("POST", "/rollback", allowing: 409)
        case .canary:
            let percent = Int.random(in: 0...100, using: &random)
            try yard.change("PUT", "/canary", "{\"percent\": \(percent)}")
        case .endpoint:
            // One of each slot goes and comes; the other stays.
            for origin in [origins[0], origins[2]] { origin.isHealthy.toggle() }
        case .upgrade: try yard.upgrade()
        }
    }

    private func config(both: Bool) -> ConfigText {
        var config = ConfigText(blue: origins[1], green: origins[3])
        if both {
            config.blue += "\", \"\(origins[0].authority)"
            config.green += "\", \"\(origins[2].authority)"
        }
        config.keepState(in: folder)
        config.more = #""timeouts": { "stream_drain": "2s", "drain": "5s" },"#
        return config
    }
}
