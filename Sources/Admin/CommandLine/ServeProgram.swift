import CLinux
import Glibc
import Proxy

/// The proxy from start to end: what `serve` and `demo` run.
package struct ServeProgram: Sendable {
    /// Something that runs beside the proxy, such as the demo's origins.
    package struct Companion: Sendable {
        package let start: @Sendable () -> Void
        package let stop: @Sendable () -> Void
        /// Printed once everything runs, for a configuration with the addresses that were bound.
        package let introduction: @Sendable (Config) -> String

        package init(
            start: @escaping @Sendable () -> Void,
            stop: @escaping @Sendable () -> Void,
            introduction: @escaping @Sendable (Config) -> String
        ) {
            self.start = start
            self.stop = stop
            self.introduction = introduction
        }
    }

    package static let standardPath = "proxy.json"

    private let path: String
    private let prepareCompanion: @Sendable (Config) throws(StartFailure) -> Companion?
    private let log = Log()
    /// systemd, where it is there and wants to know.
    let service = ServiceNotifier()

    package init(
        path: String,
        companion: @escaping @Sendable (Config) throws(StartFailure) -> Companion? = { _ in nil }
    ) {
        self.path = path
        prepareCompanion = companion
    }

    /// Serves until a signal ends it; a start that fails says why and changes nothing.
    package func run() -> ExitCode {
        CrashReport.install()
        signal(SIGPIPE, SIG_IGN)
        var signals = SignalSet(blocking: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
        raiseDescriptorLimit()
        do {
            let yard = try open()
            yard.companion?.start()
            yard.control.server.start(holdsBack: yard.predecessor != nil)
            yard.control.judge.start()
            yard.predecessor?.takeOver(yard.control)
            yard.rollouts.start()
            yard.admin.start()
            tellService(yard)
            if let companion = yard.companion { Terminal.say(companion.introduction(yard.asBound)) }
            serve(yard, &signals)
        } catch {
            for line in error.message.split(separator: "\n") { log.note(String(line)) }
            return .refused
        }
    }

    /// All that runs.
    struct Yard: Sendable {
        let control: ControlPlane
        let rollouts: RolloutDriver
        let admin: AdminServer
        let companion: Companion?
        /// The process that this one replaces.
        let predecessor: Predecessor?

        /// The configuration with the ports that were taken where it asks for a free one.
        var asBound: Config {
            var config = control.server.config
            for (place, listener) in control.server.listenerAddresses.enumerated() {
                config.listeners[place].address = listener.bound
            }
            config.admin.address = admin.bound.description
            return config
        }
    }

    /// Reads and binds everything, and saves the state last, when nothing else can fail.
    private func open() throws(StartFailure) -> Yard {
        let config = try loadConfig()
        var inheritance = try Inheritance.take()
        let (file, starting) = try loadState(config, inheritance)
        let tokens = try AdminTokens(config.admin)
        let companion = try prepareCompanion(config)
        let server = try ProxyServer(
            config: config,
            routing: starting.routing(config: config),
            sessionKey: starting.state.sessionKey ?? SessionKey(),
            inherited: &inheritance.sockets
        )
        try inheritance.dropRest()
        let control = ControlPlane(
            server: server,
            starting: starting,
            loaded: LoadedConfig(path: path, hash: config.hash, time: .now),
            stateFile: file,
            tokens: tokens,
            log: log
        )
        let rollouts = try RolloutDriver(control)
        let admin = try AdminServer(
            config: config.admin,
            control: control,
            inherited: inheritance.admin
        )
        let predecessor = inheritance.predecessor
        // A successor writes nothing before the older process has let go of the state.
        if predecessor == nil {
            do { try control.recordStart(actor: "start", reason: starting.explanation) } catch {
                throw StartFailure(message: error.message)
            }
        }
        announce(control, admin, starting)
        let yard = Yard(
            control: control,
            rollouts: rollouts,
            admin: admin,
            companion: companion,
            predecessor: predecessor
        )
        if companion == nil { allowUpgrade(of: yard) }
        return yard
    }

    private func loadConfig() throws(StartFailure) -> Config {
        do { return try Config.load(path: path) } catch {
            // A file that cannot be read is an issue of its own and names itself.
            guard error.issues.first?.path != path else { throw StartFailure(message: "\(error)") }
            let count = error.issues.count == 1 ? "a mistake" : "\(error.issues.count) mistakes"
            throw StartFailure(message: "the configuration \(path) has \(count):\n\(error)")
        }
    }

    private func loadState(
        _ config: Config,
        _ inheritance: Inheritance
    ) throws(StartFailure) -> (StateFile?, StartingState) {
        do throws(StateFailure) {
            var file: StateFile?
            if let path = config.stateFile {
                file = try StateFile.open(path, inherited: inheritance.lock(for: path))
            }
            let saved = try file?.load(slotNames: config.slots.map(\.name))
            let starting = try StartingState(
                saved: saved,
                handedOver: inheritance.saved,
                config: config,
                environment: Self.activeSlotOfEnvironment,
                now: .now
            )
            return (file, starting)
        } catch {
            throw StartFailure(message: error.message)
        }
    }

    private static var activeSlotOfEnvironment: String? {
        guard let value = unsafe getenv("ACTIVE_SLOT") else { return nil }
        return unsafe String(cString: value)
    }

    private func announce(_ control: ControlPlane, _ admin: AdminServer, _ starting: StartingState)
    {
        log.note("\(Version.text), process \(getpid()), configuration \(path)")
        for listener in control.server.listenerAddresses {
            log.note("listening on \(listener.bound)")
        }
        log.note("admin port on \(admin.bound)")
        let state = starting.state
        let canary = state.canary.map { ", canary \(JSON($0.percent).line) %" } ?? ""
        log.note(
            "\(state.active) is active (\(starting.explanation)),"
                + " generation \(state.generation)\(canary)"
        )
        if control.server.config.stateFile == nil {
            log.note("\"state_file\" is null: a restart forgets every switch")
        }
    }
}

// MARK: Running

extension ServeProgram {
    /// Obeys signals until one ends the program.
    private func serve(_ yard: Yard, _ signals: inout SignalSet) -> Never {
        var isEnding = false
        while true {
            let signal = signals.next()
            switch signal {
            case SIGHUP:
                reload(yard.control)
            case SIGUSR1:
                yard.control.server.reopenLogs()
            case SIGUSR2:
                upgrade(yard.control)
            case _ where isEnding:
                log.note("a second signal: ending at once")
                exit(128 + signal)
            default:
                isEnding = true
                end(yard, signal)
            }
        }
    }

    private func reload(_ control: ControlPlane) {
        service?.tell("RELOADING=1", ServiceNotifier.monotonicTime)
        defer { service?.tell("READY=1") }
        do { _ = try control.reload(actor: "SIGHUP") } catch {
            log.note("the configuration was not applied, the old one runs on:")
            for reason in error.reasons { log.note(reason) }
        }
    }

    /// Drains on a thread of its own, since this one goes on waiting for the second signal.
    private func end(_ yard: Yard, _ signal: Int32) {
        if yard.control.isHandedOver {
            log.note("ending at once: a newer process serves")
            exit(ExitCode.done.rawValue)
        }
        log.note("draining; a second signal ends at once")
        service?.tell("STOPPING=1", "STATUS=draining")
        let (control, rollouts, admin, log) = (yard.control, yard.rollouts, yard.admin, log)
        let stopCompanion = yard.companion?.stop
        let isDraining = ThreadBox().tryStart(name: "drain") {
            control.drain()
            rollouts.stop()
            control.judge.stop()
            admin.stop()
            stopCompanion?()
            log.note("drained")
            exit(ExitCode.done.rawValue)
        }
        if !isDraining { exit(ExitCode.refused.rawValue) }
    }

    private func raiseDescriptorLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
    }
}
