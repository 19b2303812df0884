import Synchronization

/// One endpoint as all threads share it: who it is, and its health.
///
/// It lives as long as some snapshot names it; its address is the snapshot's, not its own.
final class Endpoint: Sendable {
    struct Identity: Hashable, Sendable {
        let slot: SlotID
        let service: String
        /// As written in the configuration.
        let authority: String
    }

    let identity: Identity
    private let healthBits = Atomic<UInt8>(Health.unknown.rawValue)
    private let failureReason = Lock<String?>(nil)
    /// What each worker counted of it.
    let counters: [EndpointCounters]
    /// What the health checks' thread counted of it: passed and failed probes.
    private let probes = CounterBlock(count: 2)

    init(identity: Identity, workers: Int) {
        self.identity = identity
        counters = (0..<workers).map { _ in EndpointCounters() }
    }

    deinit {
        for worker in counters { worker.deallocate() }
        probes.deallocate()
    }

    var health: Health {
        Health(rawValue: healthBits.load(ordering: .relaxed)) ?? .unknown
    }

    /// Why the last probe failed; nil while the endpoint is well.
    var reason: String? { failureReason.withLock { $0 } }

    var probesPassed: UInt64 { probes[0] }
    var probesFailed: UInt64 { probes[1] }

    /// From the health checks' thread only.
    func probed(passed: Bool) { probes.add(passed ? 0 : 1) }

    /// From the health checks' thread only.
    func set(_ health: Health, reason: String?) {
        failureReason.withLock { $0 = reason }
        healthBits.store(health.rawValue, ordering: .relaxed)
    }
}

/// What one worker counts of one endpoint.
struct EndpointCounters: Sendable {
    private static let inFlight = AttemptOutcome.allCases.count
    private static let idle = inFlight + 1
    private static let open = inFlight + 2

    private let cells = CounterBlock(count: open + 1)

    func deallocate() { cells.deallocate() }

    // MARK: By the worker

    func ended(_ outcome: AttemptOutcome) { cells.add(outcome.rawValue) }
    func began() { cells.add(Self.inFlight) }
    func finished() { cells.subtract(Self.inFlight) }
    func parked() { cells.add(Self.idle) }
    func unparked() { cells.subtract(Self.idle) }
    func opened() { cells.add(Self.open) }
    func closed() { cells.subtract(Self.open) }

    // MARK: By readers

    func attempts(_ outcome: AttemptOutcome) -> UInt64 { cells[outcome.rawValue] }
    var inFlightCount: Int { Int(cells[Self.inFlight]) }
    var idleCount: Int { Int(cells[Self.idle]) }
    var openCount: Int { Int(cells[Self.open]) }
}
