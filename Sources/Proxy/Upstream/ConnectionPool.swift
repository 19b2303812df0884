/// The idle connections of one endpoint in one worker, newest first, and its load there.
///
/// Connections are known by their place in the worker's table. The newest is taken first, so that
/// those not needed grow old together and time out.
final class ConnectionPool {
    let endpoint: Endpoint
    let counters: EndpointCounters
    /// Where the endpoint is; nil until its name was resolved.
    let address: SocketAddress?
    let idleLimit: Int
    /// Attempts that run now.
    private(set) var inFlight = 0
    /// This worker's part of the limit on connections; `.max` is without limit.
    var attemptLimit = Int.max
    /// Whether real traffic may take the endpoint out, and by which rules.
    var ejection: EjectionRules? { didSet { isWatched = ejection != nil } }
    /// One byte to look at for those that are not.
    private var isWatched = false
    /// No snapshot of this worker names it any more: connections are closed instead of parked.
    var isRetired = false

    private var idle: [Int32] = []

    init(endpoint: Endpoint, worker: Int, address: SocketAddress?, idleLimit: Int) {
        self.endpoint = endpoint
        self.address = address
        self.idleLimit = idleLimit
        counters = endpoint.counters[worker]
        idle.reserveCapacity(min(idleLimit, 128))
    }

    /// In service and with room for one more attempt.
    var mayTakeTraffic: Bool { isInService && hasRoom }

    /// Healthy and not ejected.
    var isInService: Bool { address != nil && endpoint.mayTakeTraffic }

    var hasRoom: Bool { inFlight < attemptLimit }

    func attemptBegan() {
        inFlight += 1
        counters.began()
    }

    func attemptEnded(_ outcome: AttemptOutcome) {
        inFlight -= 1
        counters.finished()
        counters.ended(outcome)
        if isWatched, ejection?.isFailure(outcome) == false, outcome != .aborted {
            endpoint.ejection.succeeded()
        }
    }

    /// Counts an attempt that failed; why the endpoint is to be ejected, if it is.
    func attemptFailed(_ outcome: AttemptOutcome, now: MonotonicTime) -> EjectionCause? {
        guard let ejection, ejection.isFailure(outcome), !endpoint.isEjected else { return nil }
        var total: (attempts: UInt64, failures: UInt64) = (0, 0)
        for outcome in AttemptOutcome.allCases where outcome != .aborted {
            let count = endpoint.counters.reduce(0) { $0 + $1.attempts(outcome) }
            total.attempts += count
            if ejection.isFailure(outcome) { total.failures += count }
        }
        return endpoint.ejection.failed(ejection, total: total, now: now)
    }

    /// Keeps a connection for the next request; false when it has to be closed instead.
    func park(_ connection: Int) -> Bool {
        guard !isRetired, idleLimit > 0 else { return false }
        idle.append(Int32(connection))
        counters.parked()
        return true
    }

    /// More are idle than the limit allows to stay: the one parked last is to go unless it is
    /// taken again at once.
    ///
    /// Closing it here would be dear: where more requests run at a time than may be kept, every
    /// lull between two batches would close what the next one has to open.
    var hasSurplus: Bool { idle.count > idleLimit }

    /// The connection that was parked last; nil when none is idle.
    func takeIdle() -> Int? {
        guard let connection = idle.popLast() else { return nil }
        counters.unparked()
        return Int(connection)
    }

    /// Forgets an idle connection that is being closed.
    func remove(_ connection: Int) {
        guard let place = idle.lastIndex(of: Int32(connection)) else {
            preconditionFailure("an idle connection stands in its pool")
        }
        idle.remove(at: place)
        counters.unparked()
    }
}
