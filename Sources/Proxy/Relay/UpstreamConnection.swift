/// A connection to an endpoint: owns its socket; idle in its pool, or lent to one exchange.
@safe final class UpstreamConnection {
    /// What the timer waits for.
    enum Awaited: UInt8 { case nothing, connect, head, stream, reuse }

    /// How long a connection beyond the pool's limit may stay.
    static let surplusTime = Nanoseconds.milliseconds(1_000)

    let bench: Workbench
    let index: Int
    private(set) var generation: UInt32 = 0
    var transport = Transport()
    private var pool: ConnectionPool?
    private var borrower: Unmanaged<Exchange>?
    var canRead = false
    var canWrite = false
    private(set) var hasHangup = false
    private(set) var isOpen = false
    private(set) var isConnected = false
    private(set) var openedAt = MonotonicTime(nanoseconds: 0)
    /// It has served a request before the present one.
    private(set) var wasReused = false
    private var awaited = Awaited.nothing

    init(bench: Workbench, index: Int) {
        self.bench = bench
        self.index = index
    }

    /// The exchange that it is lent to; nil while idle.
    var exchange: Exchange? {
        get { unsafe borrower?.takeUnretainedValue() }
        set { unsafe borrower = newValue.map { unsafe .passUnretained($0) } }
    }

    var token: EventToken { EventToken(.upstream, index, generation: generation) }

    /// Begins to connect to the pool's endpoint; open from here on, even when this fails at once.
    func open(for pool: ConnectionPool, timeout: Nanoseconds) throws(SystemError) {
        self.pool = pool
        isOpen = true
        isConnected = false
        wasReused = false
        canRead = false
        canWrite = false
        hasHangup = false
        openedAt = bench.now
        pool.counters.opened()
        guard let address = pool.address else { throw SystemError("connect", code: 0) }
        transport.open(try Socket.connect(to: address))
        expect(.connect, within: timeout)
        try bench.poller.add(transport.descriptor, token: token.rawValue)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        generation &+= 1
        bench.timers.cancel(2 * index + 1)
        transport.close()
        pool?.counters.closed()
        pool = nil
        exchange = nil
        bench.giveBack(self)
    }

    func attemptEnded(_ outcome: AttemptOutcome) { pool?.attemptEnded(outcome) }

    /// Goes back to its pool after a whole response; the pool may not want it.
    func park(idleTimeout: Nanoseconds) {
        exchange = nil
        wasReused = true
        // A read that came full may have left bytes behind, of which no event tells again.
        if canRead, transport.hasUnexpectedInput { return close() }
        canRead = false
        guard let pool, !hasHangup, pool.park(index) else { return close() }
        expect(.reuse, within: pool.hasSurplus ? min(Self.surplusTime, idleTimeout) : idleTimeout)
    }

    func expect(_ what: Awaited, within time: Nanoseconds) {
        awaited = what
        bench.timers.set(2 * index + 1, at: bench.now + time)
    }

    /// Bytes moved: whatever is awaited has its full time again.
    func expectMore(_ timeouts: RelayTimeouts) {
        if awaited == .head {
            expect(.head, within: timeouts.responseHead)
        } else {
            expect(.stream, within: timeouts.streamIdle)
        }
    }

    // MARK: Events

    func handle(_ readiness: Readiness) {
        if readiness.isReadable { canRead = true }
        if readiness.isWritable { canWrite = true }
        if readiness.isHangup { hasHangup = true }
        guard let borrower = unsafe borrower else {
            // Nothing is expected of an idle connection but its end.
            if readiness.isReadable { closeIdle() }
            return
        }
        unsafe borrower._withUnsafeGuaranteedRef { handle(for: $0) }
    }

    private func handle(for exchange: Exchange) {
        exchange.withDownstream { downstream in
            if isConnected {
                exchange.upstreamReady()
            } else {
                connectEnded(exchange)
            }
            downstream.settleLater(exchange)
        }
    }

    private func connectEnded(_ exchange: Exchange) {
        guard canWrite || hasHangup else { return }
        guard Socket.pendingError(of: transport.descriptor) == 0, !(hasHangup && !canWrite) else {
            return exchange.connectFailed(.connectFailure)
        }
        isConnected = true
        exchange.connected()
    }

    func timerExpired() {
        switch (awaited, exchange) {
        case (.nothing, _): return
        case (.reuse, _), (_, nil): closeIdle()
        case (.connect, let exchange?):
            let downstream = exchange.downstream
            exchange.connectFailed(.connectTimeout)
            downstream.settle()
        case (.head, let exchange?), (.stream, let exchange?):
            let downstream = exchange.downstream
            exchange.responseTimedOut()
            downstream.settle()
        }
    }

    /// Closes a connection that stands in its pool.
    func closeIdle() {
        pool?.remove(index)
        close()
    }
}
