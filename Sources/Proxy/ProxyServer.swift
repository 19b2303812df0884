import CLinux
import Glibc

/// The data plane: what the rest of the program may ask of it.
///
/// Every function may be called from any thread but a worker's; those that change something wait
/// for one another.
package final class ProxyServer: Sendable {
    /// The side that changes things; workers never look here.
    struct Control {
        var config: Config
        var routing: RoutingState
        var snapshot: RoutingSnapshot
        var registry: Registry
        /// Where the names of endpoints are; the last good answer.
        var addresses: [String: IPAddress] = [:]
        /// The resolver has answered once: what has no address now does not resolve.
        var hasResolved = false
        var isRunning = false
        /// Workers wait for `release` even when all is probed.
        var isHeld = false
    }

    private let control: Lock<Control>
    /// Signs session cookies where the configuration names no secret.
    private let sessionKey: SessionKey
    private let workers: [WorkerThread]
    private let confirmations: Confirmations
    private let background: Background
    private let log: LogWriter
    /// Listening sockets that another process opened.
    package let inheritedSockets: [Int32]

    /// Binds all listeners and serves nothing yet; throws when an address is taken or not allowed.
    package convenience init(
        config: Config,
        routing: RoutingState,
        sessionKey: SessionKey = SessionKey()
    ) throws(StartFailure) {
        var none = InheritedSockets()
        try self.init(config: config, routing: routing, sessionKey: sessionKey, inherited: &none)
    }

    /// As above, with sockets that another process opened; those that no listener of `config`
    /// takes are left in `inherited`.
    package init(
        config: Config,
        routing: RoutingState,
        sessionKey: SessionKey,
        inherited: inout InheritedSockets
    ) throws(StartFailure) {
        signal(SIGPIPE, SIG_IGN)
        // A log or state file that may not grow is an error of one write, not the end of it all.
        signal(SIGXFSZ, SIG_IGN)
        self.sessionKey = sessionKey
        let workerCount = config.workers ?? Self.coreCount
        var registry = Registry(
            workers: workerCount,
            boundsSeconds: config.metrics.bucketsSeconds
        )
        var listeners: [Listener] = []
        var taken: [Int32] = []
        for listener in config.listeners {
            let group = inherited.take(written: listener.address, bind: listener.bind)
            taken += group?.descriptors ?? []
            listeners.append(try Self.open(listener, group, workers: workerCount))
        }
        inheritedSockets = taken
        let snapshot = RoutingSnapshot(
            version: 1,
            config: config,
            routing: routing,
            sessionKey: sessionKey,
            listeners: listeners,
            lanes: registry.lanes(of: config, addresses: [:]),
            unrouted: registry.counters(),
            judged: registry.judged(of: config),
            clients: registry.clients(of: config)
        )
        do throws(SystemError) {
            let confirmations = try Confirmations()
            self.confirmations = confirmations
            background = try Background()
            let rings = (0..<workerCount).map { _ in LogRing() }
            let log = try LogWriter(config.accessLog, rings: rings)
            LogWriter.tell(config.errorLog.level)
            self.log = log
            var workers: [WorkerThread] = []
            for (index, ring) in rings.enumerated() {
                let workerLog = WorkerLog(ring: ring, writer: log)
                workers.append(try WorkerThread(index, snapshot, confirmations, workerLog))
            }
            self.workers = workers
        } catch {
            if error.call == "open" { throw Self.logFailure(config, error) }
            throw StartFailure(message: "Cannot start the workers: \(error).")
        }
        control = Lock(
            Control(config: config, routing: routing, snapshot: snapshot, registry: registry)
        )
    }

    private static func open(
        _ listener: Config.Listener,
        _ group: InheritedSockets.Group?,
        workers: Int
    ) throws(StartFailure) -> Listener {
        if let group {
            return Listener(address: listener.address, inherited: group, workers: workers)
        }
        return try Listener(address: listener.address, bind: listener.bind, workers: workers)
    }

    private static func logFailure(_ config: Config, _ error: SystemError) -> StartFailure {
        StartFailure(
            message: "Cannot write the access log \(config.accessLog?.path ?? ""): \(error)."
        )
    }

    private static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Starts the workers, the health checks and the resolver.
    ///
    /// Connections wait in the listen queue until every endpoint has had its first probe.
    /// With `holdsBack`, they go on waiting until `release`.
    package func start(holdsBack: Bool = false) {
        control.withLock { control in
            guard !control.isRunning else { return }
            control.isRunning = true
            control.isHeld = holdsBack
            log.start()
            for worker in workers { worker.start() }
            background.start(serving: self)
            watch(control)
        }
        serveWhenProbed()
    }

    // MARK: State

    /// The routing that new requests follow.
    package var routing: RoutingState { control.withLock { $0.routing } }

    /// The configuration that new requests follow.
    package var config: Config { control.withLock { $0.config } }

    /// Listener addresses as written, and as bound (port 0 becomes the port taken).
    package var listenerAddresses: [(written: String, bound: String)] {
        control.withLock { control in
            control.snapshot.listeners.map { ($0.written, "\($0.bound)") }
        }
    }

    /// Whether each endpoint has had its first probe, so that connections are accepted.
    package var isReady: Bool {
        control.withLock { control in control.snapshot.isProbed }
    }

    /// What the judge may look at: every judged route of the present configuration in both slots.
    package var judgedRoutes: [JudgedRoute] { control.withLock { $0.snapshot.judged } }

    package func statistics() -> Statistics {
        control.withLock { control in
            var sum = control.statistics(workers.map(\.counters))
            sum.logLinesDropped = log.droppedLines
            return sum
        }
    }

    /// Asks every worker what runs on `slot`; none waits for another.
    func listings(of slot: SlotID) -> [ExchangeListing] {
        control.withLock { control in
            guard control.isRunning else { return [] }
            for worker in workers { worker.link.ask(about: slot) }
            confirmations.wait { workers.allSatisfy { $0.link.hasListing || $0.hasEnded } }
            return workers.compactMap { $0.link.takeListing() }
        }
    }

    // MARK: Changes

    /// Makes `routing` the one that all requests from now on follow; returns when every worker
    /// has confirmed it.
    package func publish(_ routing: RoutingState) {
        control.withLock { control in
            control.routing = routing
            publishSnapshot(&control, listeners: control.snapshot.listeners)
        }
    }

    /// Applies a new configuration, all or nothing; returns when every worker has confirmed it.
    package func reload(_ config: Config) throws(StartFailure) {
        try control.withLock { control throws(StartFailure) in
            guard control.registry.hasRoom(for: config) else {
                throw StartFailure(
                    message: "More than \(Registry.serviceLimit) services were named since the "
                        + "start: restart the program to forget those of earlier configurations."
                )
            }
            let listeners = try openListeners(of: config, keeping: control.snapshot.listeners)
            do throws(SystemError) {
                try log.use(config.accessLog)
                LogWriter.tell(config.errorLog.level)
            } catch {
                throw Self.logFailure(config, error)
            }
            control.config = config
            control.registry.prune(to: config)
            publishSnapshot(&control, listeners: listeners)
            watch(control)
        }
        serveWhenProbed()
    }

    /// Opens the access log's file anew, after it was moved away.
    package func reopenLogs() {
        do throws(SystemError) {
            try log.reopen()
        } catch {
            LogWriter.report("The access log stays where it is: \(error).")
        }
    }

    /// Listeners whose address is the same stay open; the others are bound anew.
    private func openListeners(
        of config: Config,
        keeping old: [Listener]
    ) throws(StartFailure) -> [Listener] {
        var listeners: [Listener] = []
        for listener in config.listeners {
            if let kept = old.first(where: { $0.written == listener.address }) {
                listeners.append(kept)
                continue
            }
            listeners.append(
                try Listener(
                    address: listener.address,
                    bind: listener.bind,
                    workers: workers.count
                )
            )
        }
        return listeners
    }

    private func publishSnapshot(_ control: inout Control, listeners: [Listener]) {
        let old = control.snapshot
        let next = RoutingSnapshot(
            version: old.version + 1,
            config: control.config,
            routing: control.routing,
            sessionKey: sessionKey,
            listeners: listeners,
            lanes: control.registry.lanes(of: control.config, addresses: control.addresses),
            unrouted: control.registry.counters(),
            judged: control.registry.judged(of: control.config),
            clients: control.registry.clients(of: control.config)
        )
        control.snapshot = next
        for worker in workers { worker.link.publish(next) }
        guard control.isRunning else { return }
        confirmations.wait { isFollowed(next) }
        // Only now may the old one go: every worker has let go of the pointer to it.
        withExtendedLifetime(old) {}
    }

    /// Whether every worker routes by the newest snapshot; true whenever a change has returned.
    var isFollowed: Bool { isFollowed(control.withLock { $0.snapshot }) }

    private func isFollowed(_ snapshot: RoutingSnapshot) -> Bool {
        workers.allSatisfy { $0.link.confirmedVersion >= snapshot.version || $0.hasEnded }
    }

    /// Takes the resolver's answer; names that are missing from it keep their last address.
    func note(_ found: [String: [IPAddress]]) {
        control.withLock { control in
            var addresses = control.addresses
            for (name, candidates) in found {
                // An address that is still in the answer stays: its connections are good.
                if let known = addresses[name], candidates.contains(known) { continue }
                addresses[name] = candidates.first
            }
            guard addresses != control.addresses || !control.hasResolved else { return }
            control.addresses = addresses
            control.hasResolved = true
            publishSnapshot(&control, listeners: control.snapshot.listeners)
            watch(control)
        }
    }

    private func watch(_ control: borrowing Control) {
        background.watch(control.config, control.snapshot, hasResolved: control.hasResolved)
    }

    /// Lets the workers accept once every endpoint has a verdict.
    func serveWhenProbed() {
        control.withLock { control in
            guard control.isRunning, !control.isHeld, control.snapshot.isProbed else { return }
            for worker in workers where worker.order == .wait { worker.send(.serve) }
        }
    }

    // MARK: For an upgrade

    var listeners: [Listener] { control.withLock { $0.snapshot.listeners } }

    func unhold() { control.withLock { $0.isHeld = false } }

    func send(_ order: WorkerLink.Order) {
        for worker in workers { worker.send(order) }
    }

    func askForPulses() -> [(worker: WorkerThread, pulse: UInt64)] {
        workers.map { ($0, $0.link.askForPulse()) }
    }

    // MARK: The end

    /// Stops accepting, lets exchanges end within the drain timeouts, stops the workers; returns
    /// when all is closed.
    package func drain() { end(.drain) }

    /// Closes everything at once.
    package func stop() { end(.stop) }

    private func end(_ order: WorkerLink.Order) {
        for worker in workers { worker.send(order) }
        awaitEnd()
    }

    /// Returns when all is closed.
    package func awaitEnd() {
        for worker in workers { worker.join() }
        background.stop()
        log.stop()
    }
}
