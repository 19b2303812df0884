import CLinux
import Glibc

/// What all exchanges of one worker share: its buffers, tables, timers and the present routing.
///
/// It belongs to the worker's thread alone, but for the counters, which any thread may read.
final class Workbench {
    /// Bytes that may wait in backlogs before reads get small, so that many slow readers of long
    /// bodies cannot fill the memory.
    static let backlogBudgetBytes = 64 * 1024 * 1024
    /// A read while the budget is used up.
    static let thriftyReadBytes = 16 * 1024
    /// Exchanges kept for reuse; more are freed when they end.
    static let spareExchangeLimit = 1_024
    /// A write up to this size leaves as one piece: copying it costs less than what the kernel
    /// spends on a list of slices (0.3 µs per call for a head of four, measured).
    static let pieceBytes = 4_096
    /// Room for the fields we add to a request: two addresses, a host name, an id.
    static let textBytes = 4_096
    /// Room for a log line: every byte of its target may take six.
    static let lineBytes = 16 * 1024

    let worker: Int
    var poller: Poller
    var timers: TimerWheel
    /// The time at the start of the present turn of the loop.
    var now: MonotonicTime
    var random = Random()
    let bulk = BulkBuffer()
    var slices = SliceList()
    /// What goes out in one piece is put together here.
    private let piece = BulkBuffer(size: Workbench.pieceBytes)
    var text = TextBuffer(capacity: Workbench.textBytes)
    var line = TextBuffer(capacity: Workbench.lineBytes)
    var dateLine = DateLine()
    let log: WorkerLog
    var errorLimiter = CauseLimiter()
    var requestFields = FieldTable()
    var responseFields = FieldTable()
    var routing: WorkerRouting {
        didSet {
            rules = routing.rules
            clientTables = routing.snapshot.clients
        }
    }
    private(set) var clientTables: ClientTables
    /// Those of the present routing.
    private(set) var rules: RelayRules
    var retryBudget: RetryBudget
    /// Its own, so that a failing canary does not use up the retries of the active slot.
    var rescueBudget: RetryBudget
    let counters: ConnectionCounters
    /// No new exchange begins; every connection closes after its present one.
    var isDraining = false
    /// While draining: idle connections stay until their next request, or the drain's end.
    var keepsIdle = false
    var backlogBytes = 0

    private(set) var downstreams: ContiguousArray<DownstreamConnection> = []
    private(set) var upstreams: ContiguousArray<UpstreamConnection> = []
    private var freeDownstreams: [Int32] = []
    private var freeUpstreams: [Int32] = []
    private var spareExchanges: ContiguousArray<Exchange> = []
    /// The fewest spare ones since the last trim: so many were not needed in that time.
    private var unneededExchanges = 0
    /// Connections whose pump stopped in the middle, so that others get their turn.
    private var unfinished: [EventToken] = []
    /// Queues in which somebody may go on at the end of the turn.
    var queuesToServe: ContiguousArray<WaitQueue> = []
    /// Called when the last lease of a routing that is no longer present was given back.
    var retire: (WorkerRouting) -> Void = { _ in }

    init(
        worker: Int,
        routing: WorkerRouting,
        counters: ConnectionCounters,
        log: WorkerLog
    ) throws(SystemError) {
        self.log = log
        self.worker = worker
        self.routing = routing
        rules = routing.rules
        clientTables = routing.snapshot.clients
        self.counters = counters
        poller = try Poller()
        now = .now()
        timers = TimerWheel(now: now)
        retryBudget = RetryBudget(percent: routing.snapshot.config.upstream.retryBudgetPercent)
        rescueBudget = RetryBudget(percent: routing.snapshot.config.canary.rescuePercent)
    }

    /// How much to read at once.
    var readBytes: Int {
        backlogBytes < Self.backlogBudgetBytes ? BulkBuffer.capacity : Self.thriftyReadBytes
    }

    /// Writes the slices in one call, as far as the socket takes them; they stay in the list.
    func write(to transport: borrowing Transport) -> IOResult {
        guard slices.byteCount <= Self.pieceBytes else {
            return unsafe transport.send(slices.remaining)
        }
        let bytes = unsafe piece.prefix(slices.byteCount)
        guard let base = bytes.baseAddress else { return .bytes(0) }
        unsafe slices.copy(to: base)
        return unsafe transport.send(UnsafeRawBufferPointer(bytes))
    }

    // MARK: Connections

    func takeDownstream() -> DownstreamConnection {
        if let index = freeDownstreams.popLast() { return downstreams[Int(index)] }
        let connection = DownstreamConnection(bench: self, index: downstreams.count)
        downstreams.append(connection)
        return connection
    }

    func giveBack(_ connection: DownstreamConnection) {
        freeDownstreams.append(Int32(connection.index))
    }

    func takeUpstream() -> UpstreamConnection {
        if let index = freeUpstreams.popLast() { return upstreams[Int(index)] }
        let connection = UpstreamConnection(bench: self, index: upstreams.count)
        upstreams.append(connection)
        return connection
    }

    func giveBack(_ connection: UpstreamConnection) {
        freeUpstreams.append(Int32(connection.index))
    }

    /// The timer of a connection: even numbers are downstream, odd ones upstream.
    func timerExpired(_ timer: Int) {
        if timer & 1 == 0 {
            downstreams[timer >> 1].timerExpired()
        } else {
            upstreams[timer >> 1].timerExpired()
        }
    }

    /// Closes the idle connections of a pool that is no longer used.
    func retire(_ pool: ConnectionPool) {
        pool.isRetired = true
        while let index = pool.takeIdle() { upstreams[index].close() }
    }

    /// Ends everything at once, and lets go of what refers back to here.
    func closeAll() {
        for connection in downstreams { connection.close() }
        for lane in routing.lanes {
            for pool in lane.pools { retire(pool) }
        }
        for connection in upstreams { connection.close() }
        downstreams.removeAll()
        upstreams.removeAll()
        spareExchanges.removeAll()
    }

    // MARK: Exchanges

    func takeExchange() -> Exchange {
        let bytes = rules.headLimits.headBytes
        // A reload may have changed the size: those of the old one are freed here.
        while let spare = spareExchanges.popLast() {
            unneededExchanges = min(unneededExchanges, spareExchanges.count)
            if spare.headBytes == bytes { return spare }
        }
        return Exchange(bench: self, headBytes: bytes)
    }

    func giveBack(_ exchange: Exchange) {
        guard spareExchanges.count < Self.spareExchangeLimit else { return }
        spareExchanges.append(exchange)
    }

    var hasSpareExchanges: Bool { !spareExchanges.isEmpty }

    /// Frees the exchanges that nobody needed since the last call, and their buffers with them.
    func trimExchanges() {
        spareExchanges.removeLast(min(unneededExchanges, spareExchanges.count))
        unneededExchanges = spareExchanges.count
    }

    func giveBack(_ lease: WorkerRouting) {
        lease.giveBack()
        if lease.leases == 0, lease !== routing { retire(lease) }
    }

    // MARK: Fairness

    /// Has `connection` continue in the next turn: no event will come, for not all was read.
    func resumeLater(_ connection: DownstreamConnection) {
        unfinished.append(connection.token)
    }

    var hasUnfinished: Bool { !unfinished.isEmpty }

    func resumeUnfinished() {
        let tokens = unfinished
        unfinished.removeAll(keepingCapacity: true)
        for token in tokens {
            let connection = downstreams[token.index]
            if connection.token == token { connection.resume() }
        }
    }
}
