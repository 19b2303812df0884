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

    /// Beside the health in `state`.
    private static let ejectedBit: UInt8 = 4

    let identity: Identity
    /// The health, and whether real traffic took the endpoint out: what a balancer asks is one byte.
    private let state = Atomic<UInt8>(Health.unknown.rawValue)
    private let cameBackNanoseconds = Atomic<Int64>(0)
    let ejection = EjectionRecord()
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
        Health(rawValue: state.load(ordering: .relaxed) & ~Self.ejectedBit) ?? .unknown
    }

    /// Healthy and not ejected.
    var mayTakeTraffic: Bool { state.load(ordering: .relaxed) == Health.healthy.rawValue }

    var isEjected: Bool { state.load(ordering: .relaxed) & Self.ejectedBit != 0 }

    /// When it came back from being unhealthy or ejected; nil when it never was.
    var cameBackAt: MonotonicTime? {
        let time = cameBackNanoseconds.load(ordering: .relaxed)
        return time == 0 ? nil : MonotonicTime(nanoseconds: time)
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
        if health == .healthy, self.health == .unhealthy { comeBack(at: .now()) }
        var old = state.load(ordering: .relaxed)
        while true {
            let new = health.rawValue | (old & Self.ejectedBit)
            let (isExchanged, found) = state.weakCompareExchange(
                expected: old,
                desired: new,
                ordering: .relaxed
            )
            if isExchanged { return }
            old = found
        }
    }

    /// Takes it out because of real traffic.
    func setEjected() { state.bitwiseOr(Self.ejectedBit, ordering: .relaxed) }

    /// Lets it take traffic again; false when it was not ejected (any more).
    func readmit(now: MonotonicTime) -> Bool {
        guard isEjected else { return false }
        comeBack(at: now)
        ejection.ended(now: now)
        let old = state.bitwiseAnd(~Self.ejectedBit, ordering: .relaxed).oldValue
        return old & Self.ejectedBit != 0
    }

    private func comeBack(at time: MonotonicTime) {
        cameBackNanoseconds.store(time.nanoseconds, ordering: .relaxed)
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
