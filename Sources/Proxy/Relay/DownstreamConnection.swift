/// A connection that a downstream opened: owns its socket, and an exchange while one runs.
final class DownstreamConnection {
    /// What the timer waits for.
    enum Awaited: UInt8 { case nothing, request, head, connection, body, write, lingering }

    /// How long, and how many bytes, a closing connection is read so that its last response
    /// arrives: closing with unread bytes would send a reset that may destroy it.
    static let lingerTime = Nanoseconds.milliseconds(2_000)
    static let lingerBytesLimit = 1024 * 1024
    /// Pipelined requests that are answered in one turn, before others get theirs.
    static let exchangeTurnLimit = 64

    let bench: Workbench
    let index: Int
    private(set) var generation: UInt32 = 0
    var transport = Transport()
    private(set) var peer = IPAddress(high: 0, low: 0)
    /// The listener's place in the present routing; -1 when a reload took it away.
    var listener: Int32 = -1
    /// Bytes may wait in the kernel: set by an event, cleared by a read that came short.
    var canRead = false
    var canWrite = false
    /// The end of the stream is announced: reads go on to their end, short or not.
    private(set) var hasHangup = false
    private(set) var isOpen = false
    /// At least one request came over it: when nothing runs, it waits for no first one.
    private(set) var hasServed = false
    private(set) var awaited = Awaited.nothing
    private var lingeredBytes: Int32 = 0
    /// Its place in the table of clients; -1 when it is not counted there.
    private var clientPlace: Int32 = -1
    private var exchange: Exchange?

    init(bench: Workbench, index: Int) {
        self.bench = bench
        self.index = index
    }

    var token: EventToken { EventToken(.downstream, index, generation: generation) }
    var isIdle: Bool { isOpen && exchange == nil && awaited != .lingering }

    func open(_ accepted: consuming AcceptedConnection, listener: Int, clientPlace: Int32 = -1) {
        self.clientPlace = clientPlace
        peer = accepted.peer
        transport.open(accepted.takeSocket())
        self.listener = Int32(listener)
        isOpen = true
        canRead = false
        canWrite = true
        hasHangup = false
        hasServed = false
        expect(.request, within: bench.rules.timeouts.requestHead)
        bench.counters.connectionAccepted()
        do throws(SystemError) {
            try bench.poller.add(transport.descriptor, token: token.rawValue)
        } catch {
            close()
        }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        generation &+= 1
        bench.timers.cancel(2 * index)
        transport.close()
        releaseExchange()
        bench.counters.connectionClosed()
        if clientPlace >= 0 { bench.clientTables.connections?.leave(clientPlace) }
        bench.giveBack(self)
    }

    func expect(_ what: Awaited, within time: Nanoseconds) {
        awaited = what
        bench.timers.set(2 * index, at: bench.now + time)
    }

    func expectNothing() { awaited = .nothing }

    // MARK: Events

    func handle(_ readiness: Readiness) {
        if readiness.isReadable { canRead = true }
        if readiness.isWritable { canWrite = true }
        if readiness.isHangup { hasHangup = true }
        if awaited == .lingering { return linger() }
        if let exchange {
            if readiness.isBroken { exchange.abort() } else { exchange.downstreamReady() }
        } else if canRead {
            beginExchange()
        }
        settle()
    }

    func resume() {
        exchange?.resume()
        settle()
    }

    func timerExpired() {
        switch awaited {
        case .nothing: return
        case .request, .lingering: return close()
        case .head, .connection, .body, .write: exchange?.downstreamTimedOut(awaited)
        }
        settle()
    }

    /// A drain or the end of its listener: an idle connection closes, a busy one after its exchange.
    func closeWhenIdle() {
        if isIdle { close() }
    }

    /// A response that has begun, or a tunnel.
    var hasStream: Bool { exchange?.isStream ?? false }

    /// Closes the stream of `slot` that began before `time`, if it carries one; a WebSocket in the
    /// middle of a frame only when `isLast`.
    func closeStream(of slot: SlotID, begunBefore time: MonotonicTime, isLast: Bool) {
        guard let exchange, exchange.slot == slot, exchange.startedAt < time else { return }
        closeStream(isLast: isLast)
    }

    func closeStream(isLast: Bool) {
        guard let exchange, exchange.isStream else { return }
        exchange.closeStream(isLast: isLast)
        settle()
    }

    var isLingering: Bool { awaited == .lingering }

    /// What runs on `slot` here, for a listing; nil for nothing.
    func running(on slot: SlotID) -> Exchange? {
        guard isOpen, let exchange, exchange.slot == slot, exchange.phase != .ended else {
            return nil
        }
        return exchange
    }

    // MARK: Exchanges

    private func beginExchange() {
        let exchange = bench.takeExchange()
        self.exchange = exchange
        bench.counters.exchangeBegan()
        exchange.begin(on: self)
    }

    /// After an event of the upstream: as `settle`, but a next request that is here already waits
    /// for the end of the turn, so that responses go out in a row, and then requests.
    func settleLater(_ exchange: Exchange) {
        guard exchange.phase == .ended else { return }
        if exchange.ending == .keepAlive, exchange.hasInput || canRead {
            bench.resumeLater(self)
        } else {
            settle()
        }
    }

    /// Does what the exchange that has just ended asks for; called at the end of every event.
    func settle() {
        var exchanges = 0
        while let exchange, exchange.phase == .ended {
            switch exchange.ending {
            case .keepAlive:
                hasServed = true
                guard exchange.hasInput || canRead else { return becomeIdle() }
                exchanges += 1
                guard exchanges <= Self.exchangeTurnLimit else { return bench.resumeLater(self) }
                exchange.begin(on: self)
            case .noRequest: return becomeIdle()
            case .close: return close()
            case .reset:
                transport.resetOnClose()
                return close()
            case .linger:
                releaseExchange()
                transport.endOutput()
                expect(.lingering, within: Self.lingerTime)
                lingeredBytes = 0
                return linger()
            }
        }
    }

    private func becomeIdle() {
        releaseExchange()
        guard !bench.isDraining || bench.keepsIdle, listener >= 0 else { return close() }
        expect(.request, within: bench.rules.timeouts.keepalive)
    }

    private func releaseExchange() {
        guard let exchange else { return }
        self.exchange = nil
        exchange.release()
        bench.counters.exchangeEnded()
        bench.giveBack(exchange)
    }

    private func linger() {
        while lingeredBytes < Self.lingerBytesLimit {
            let space = unsafe bench.bulk.prefix(Workbench.thriftyReadBytes)
            switch unsafe transport.receive(into: space) {
            case .bytes(let count): lingeredBytes += Int32(count)
            case .wouldBlock: return
            case .endOfStream, .failed: return close()
            }
        }
        close()
    }
}
