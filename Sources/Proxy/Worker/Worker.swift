import CLinux
import Glibc

/// One thread with one epoll loop, and all it owns: listeners, connections, pools, buffers.
///
/// Nothing here is touched by another thread; orders come through the `WorkerLink`.
final class Worker {
    /// Connections accepted in one turn, so that running exchanges get theirs.
    static let acceptTurnLimit = 64
    /// More than any listen queue holds.
    static let queueLimit = 65_536
    /// How long memory that a burst needed is kept after it.
    static let trimPause = Nanoseconds.milliseconds(500)
    /// How long accepting rests when descriptors have run out.
    static let acceptPause = Nanoseconds.milliseconds(100)
    /// Time between two sweeps for what has outlived its drain.
    static let sweepPause = Nanoseconds.milliseconds(100)

    let index: Int
    let link: WorkerLink
    let bench: Workbench
    /// Signalled after every confirmation.
    let confirmations: Confirmations
    var order = WorkerLink.Order.wait
    /// Listeners by their place in the present routing.
    var listeners: [Listener] = []
    private var isListening = false
    /// The sockets that this worker accepts from, each with its listener's place.
    private var accepting: [(place: Int, descriptor: Int32)] = []
    /// Connections of clients that had enough, since the log was last told.
    var refusals: UInt64 = 0
    var reportsRefusalsAt = MonotonicTime(nanoseconds: 0)
    private var resumesAcceptingAt: MonotonicTime?
    private var trimsAt = MonotonicTime(nanoseconds: 0)
    /// Routings that are no longer present but still leased.
    private var retired: [WorkerRouting] = []
    var drains: [SlotDrain] = []
    var sweepsAt = MonotonicTime(nanoseconds: 0)
    var stop: StopDrain?

    init(
        index: Int,
        snapshot: RoutingSnapshot,
        link: WorkerLink,
        counters: ConnectionCounters,
        confirmations: Confirmations,
        log: WorkerLog
    ) throws(SystemError) {
        self.index = index
        self.link = link
        self.confirmations = confirmations
        let lanes = Self.lanes(of: snapshot, worker: index, keeping: [], queues: [])
        let routing = WorkerRouting(snapshot, worker: index, lanes: lanes)
        bench = try Workbench(worker: index, routing: routing, counters: counters, log: log)
        listeners = snapshot.listeners
        try bench.poller.addLevelTriggered(
            link.wakeUp.rawValue,
            token: EventToken(.wakeUp).rawValue
        )
        bench.retire = { [unowned self] old in self.retired.removeAll { $0 === old } }
    }

    /// The loop; returns when all connections are closed after a drain or stop.
    func run() {
        while order != .stop, !(order.isLast && isEmpty) {
            let count = bench.poller.wait(milliseconds: waitMilliseconds)
            bench.now = .now()
            takeOrders()
            dispatch(count)
            if bench.hasUnfinished { bench.resumeUnfinished() }
            while let timer = bench.timers.takeExpired(now: bench.now) { bench.timerExpired(timer) }
            sweepDrains()
            bench.serveQueues()
            resumeAccepting()
            trim()
        }
        stopListening()
        bench.closeAll()
    }

    private var isEmpty: Bool { bench.counters.openCount == 0 }

    private var waitMilliseconds: Int32 {
        if bench.hasUnfinished || bench.hasQueuesToServe { return 0 }
        var timers = bench.timers.millisecondsUntilNext(now: bench.now)
        if bench.hasSpareExchanges {
            let pause = Int32(Self.trimPause.count / 1_000_000)
            timers = timers < 0 ? pause : min(timers, pause)
        }
        guard resumesAcceptingAt != nil || !drains.isEmpty || stop != nil else { return timers }
        let pause = Int32(min(Self.acceptPause, Self.sweepPause).count / 1_000_000)
        return timers < 0 ? pause : min(timers, pause)
    }

    private func trim() {
        guard bench.now >= trimsAt else { return }
        trimsAt = bench.now + Self.trimPause
        bench.trimExchanges()
    }

    /// Hands the events of this turn on: responses first, then requests.
    ///
    /// A response that ends gives back the connection and the buffer that a request of the same
    /// turn would otherwise have to do without; and the receivers on either side are woken once
    /// for a row of messages instead of in turns, message by message.
    private func dispatch(_ count: Int) {
        for index in 0..<count {
            let event = bench.poller.event(index)
            let token = EventToken(rawValue: event.token)
            guard token.kind == .upstream else { continue }
            lending(bench.upstreams[token.index]) { connection in
                if connection.generation == token.generation { connection.handle(event.readiness) }
            }
        }
        for index in 0..<count {
            let event = bench.poller.event(index)
            let token = EventToken(rawValue: event.token)
            if token.kind != .upstream { dispatch(token, event.readiness) }
        }
    }

    private func dispatch(_ token: EventToken, _ readiness: Readiness) {
        switch token.kind {
        case .downstream:
            lending(bench.downstreams[token.index]) { connection in
                if connection.generation == token.generation { connection.handle(readiness) }
            }
        case .upstream: break
        case .listener: accept(from: token.index)
        case .wakeUp:
            link.wakeUp.clear()
            answerQuestion()
            // What came after this turn's look at the orders had its signal cleared just now.
            takeOrders()
        }
    }

    // MARK: Orders

    private func takeOrders() {
        if let next = link.newer(than: bench.routing.snapshot) { adopt(next) }
        let newest = link.currentOrder
        guard newest != order else { return }
        order = newest
        switch newest {
        case .wait: break
        case .serve: startListening()
        case .drain: beginStop()
        case .handOver: beginHandOver()
        case .stop: break
        }
        confirmations.signal()
    }

    /// Routes everything from here on by `snapshot`, and says so.
    private func adopt(_ snapshot: RoutingSnapshot) {
        let old = bench.routing
        let oldPools = old.lanes.flatMap { $0.pools }
        let queues = old.lanes.compactMap(\.queue)
        let lanes = Self.lanes(of: snapshot, worker: index, keeping: oldPools, queues: queues)
        bench.routing = WorkerRouting(snapshot, worker: index, lanes: lanes)
        if old.leases > 0 { retired.append(old) }
        let kept = Set(lanes.flatMap { $0.pools }.map { ObjectIdentifier($0) })
        for pool in oldPools where !kept.contains(ObjectIdentifier(pool)) { bench.retire(pool) }
        if snapshot.config.upstream.retryBudgetPercent
            != old.snapshot.config.upstream.retryBudgetPercent
        {
            bench.retryBudget = RetryBudget(percent: snapshot.config.upstream.retryBudgetPercent)
        }
        if snapshot.config.canary.rescuePercent != old.snapshot.config.canary.rescuePercent {
            bench.rescueBudget = RetryBudget(percent: snapshot.config.canary.rescuePercent)
        }
        // What waits may find a connection now: limits and endpoints may have changed.
        for queue in queues { bench.serveLater(queue) }
        changeListeners(to: snapshot.listeners)
        noteDrains(from: old.snapshot, to: snapshot)
        link.confirm(snapshot.version)
        confirmations.signal()
    }

    // MARK: Listening

    private func startListening() {
        guard !isListening else { return }
        isListening = true
        accepting = listeners.enumerated().flatMap { place, listener in
            listener.descriptors(ofWorker: index).map { (place, $0) }
        }
        for (number, socket) in accepting.enumerated() {
            // Fails only for lack of memory; then it is tried again with the next change.
            try? bench.poller.addLevelTriggered(
                socket.descriptor,
                token: EventToken(.listener, number).rawValue
            )
        }
    }

    func stopListening() {
        guard isListening else { return }
        isListening = false
        for socket in accepting { bench.poller.remove(socket.descriptor) }
    }

    private func changeListeners(to next: [Listener]) {
        guard next.map({ ObjectIdentifier($0) }) != listeners.map({ ObjectIdentifier($0) }) else {
            return
        }
        let wasListening = isListening
        stopListening()
        let places = listeners.map { old in next.firstIndex { $0 === old }.map(Int32.init) ?? -1 }
        for connection in bench.downstreams where connection.isOpen && connection.listener >= 0 {
            connection.listener = places[Int(connection.listener)]
            if connection.listener < 0 { connection.closeWhenIdle() }
        }
        for listener in listeners where !next.contains(where: { $0 === listener }) {
            listener.close(forWorker: index)
        }
        listeners = next
        if wasListening { startListening() }
    }

    private func accept(from number: Int, atMost limit: Int = Worker.acceptTurnLimit) {
        guard isListening, number < accepting.count else { return }
        let (place, descriptor) = accepting[number]
        for _ in 0..<limit {
            guard bench.counters.openCount < connectionLimit else {
                bench.counters.pausedAtLimit()
                return pauseAccepting()
            }
            do throws(AcceptFailure) {
                let connection = try Socket.accept(from: descriptor)
                open(connection, listener: place)
            } catch {
                switch error {
                case .wouldBlock: return
                case .aborted: continue
                case .exhausted:
                    bench.counters.pausedForDescriptors()
                    return pauseAccepting()
                }
            }
        }
    }

    /// This worker's part of the connection limit.
    private var connectionLimit: Int {
        let snapshot = bench.routing.snapshot
        return max(1, snapshot.config.limits.downstreamConnections / snapshot.unrouted.count)
    }

    /// Leaves connections in the queue for a while instead of being told of them again and again.
    private func pauseAccepting() {
        stopListening()
        resumesAcceptingAt = bench.now + Self.acceptPause
    }

    private func resumeAccepting() {
        guard let time = resumesAcceptingAt, bench.now >= time else { return }
        guard bench.counters.openCount < connectionLimit else {
            resumesAcceptingAt = bench.now + Self.acceptPause
            return
        }
        resumesAcceptingAt = nil
        if order == .serve { startListening() }
    }

    // MARK: Stopping

    /// Takes what waits in the listen queue, and nothing after that.
    private func beginStop() {
        for number in accepting.indices { accept(from: number, atMost: Self.queueLimit) }
        endListening()
        for connection in bench.downstreams where connection.hasServed {
            connection.closeWhenIdle()
        }
    }

    /// Another process accepts from here on.
    ///
    /// What is idle may bring one more request, for its downstream cannot know; the answer tells
    /// that it is the last.
    private func beginHandOver() {
        bench.keepsIdle = true
        endListening()
    }

    private func endListening() {
        stopListening()
        for listener in listeners { listener.close(forWorker: index) }
        resumesAcceptingAt = nil
        bench.isDraining = true
        let timeouts = bench.routing.snapshot.config.timeouts
        stop = StopDrain(
            now: bench.now,
            exchanges: Nanoseconds(timeouts.drain),
            streams: Nanoseconds(timeouts.streamDrain)
        )
    }
}
