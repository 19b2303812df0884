import CLinux
import Glibc
import Proxy
import Synchronization

/// What an upgrade needs beside the control plane.
package struct UpgradeMeans: Sendable {
    let image: ProgramImage
    let adminListener: Int32
    /// Leaves the admin port to the new process; called before anybody is told of it.
    let stopAccepting: @Sendable () -> Void
    /// Called with the new process once it serves; this one has to drain then.
    let handedOver: @Sendable (Successor) -> Void

    package init(
        image: ProgramImage,
        adminListener: Int32,
        stopAccepting: @escaping @Sendable () -> Void,
        handedOver: @escaping @Sendable (Successor) -> Void
    ) {
        self.image = image
        self.adminListener = adminListener
        self.stopAccepting = stopAccepting
        self.handedOver = handedOver
    }
}

extension ControlPlane {
    /// MFD_CLOEXEC of <linux/memfd.h>.
    private static let closeOnExec: UInt32 = 1

    /// Replaces the program by what stands at its path now; returns when the new process serves.
    ///
    /// No change of traffic happens meanwhile, and none here afterwards.
    package func upgrade(actor: String) throws(UpgradeFailure) -> Successor {
        let successor = try turn.withLock { _ throws(UpgradeFailure) in
            try upgradeInTurn(actor: actor)
        }
        log.note("process \(successor.process), \(successor.version), has taken over")
        upgradeMeans.withLock(\.self)?.handedOver(successor)
        return successor
    }

    private func upgradeInTurn(actor: String) throws(UpgradeFailure) -> Successor {
        guard let means = upgradeMeans.withLock(\.self) else {
            throw UpgradeFailure(
                message: "only \"switchyard serve\" can be upgraded: what runs beside it here"
                    + " cannot be handed over"
            )
        }
        guard !isHandedOver else {
            throw UpgradeFailure(message: "this process has been replaced already; ask the new one")
        }
        guard !isDraining.load(ordering: .relaxed) else {
            throw UpgradeFailure(message: "the program drains and will end; start it anew")
        }
        log.note("upgrade, by \(actor): starting \(means.image.path)")
        do throws(UpgradeFailure) {
            return try prepare(means, actor: actor).run { sockets in
                handedOver.store(true, ordering: .releasing)
                server.handOver(sockets)
                means.stopAccepting()
            }
        } catch {
            log.note("upgrade failed: \(error.message)")
            throw error
        }
    }

    private func prepare(_ means: UpgradeMeans, actor: String) throws(UpgradeFailure) -> Upgrade {
        do throws(SystemError) {
            let (ours, theirs) = try MessageChannel.pair()
            let state = try FileDescriptor(
                "memfd_create",
                unsafe memfd_create("switchyard-state", Self.closeOnExec)
            )
            try state.write(currentFacts.saved.fileText)
            var handover = Handover(
                process: getpid(),
                actor: actor,
                isReady: unreadiness == nil,
                listeners: server.listenerGroups,
                admin: means.adminListener,
                channel: theirs.rawValue,
                state: state.rawValue
            )
            handover.stateFile = stateFile.map {
                Handover.Lock(path: $0.path, descriptor: $0.lockDescriptor)
            }
            return Upgrade(
                image: means.image,
                handover: handover,
                state: state,
                ours: ours,
                theirs: theirs,
                limit: server.config.timeouts.upgrade
            )
        } catch {
            throw UpgradeFailure(message: "\(error); this process serves on")
        }
    }

    /// Whether a newer process serves in place of this one.
    var isHandedOver: Bool { handedOver.load(ordering: .acquiring) }

    /// Puts the upgrade into the history; what cannot be kept is only told, for it has happened.
    func recordUpgrade(from predecessor: Predecessor) {
        self.predecessor.withLock { $0 = predecessor }
        let entry = HistoryEntry(
            generation: routing.generation,
            time: Timestamp.now.description,
            action: .upgrade,
            to: name(of: routing.active),
            canary: routing.canary,
            actor: predecessor.actor,
            reason: "process \(getpid()), \(Version.text), in place of \(predecessor.process)"
        )
        do { try remember(entry) } catch {
            log.note("the upgrade is not in the history: \(error.message)")
        }
    }

    /// Does what the successor asks for, until it ends; called on a thread of its own.
    package func serve(_ successor: Successor) {
        while case .message(let message) = successor.channel.receive() {
            switch message["say"]?.string {
            case "follow":
                follow(message)
                successor.channel.send(["say": "followed"])
            case "count":
                let slot = message["slot"]?.string.flatMap { server.config.slot(named: $0) }
                let count = slot.map { exchangeCount(on: $0) } ?? 0
                successor.channel.send(["say": "counted", "exchanges": JSON(count)])
            default: break
            }
        }
    }

    private func follow(_ message: JSON) {
        guard let generation = message["generation"]?.integer.flatMap({ Generation(exactly: $0) }),
            let active = message["active"]?.string.flatMap({ server.config.slot(named: $0) })
        else { return }
        let canary = message["canary"]?.double.flatMap { Weight(percent: $0) }
        publish(RoutingState(generation: generation, active: active, canary: canary))
    }

    /// Has every worker follow `routing`, and those of processes that this one replaced.
    func publish(_ routing: RoutingState) {
        server.publish(routing)
        predecessor.withLock(\.self)?
            .follow(routing, slotNames: server.config.slots.map(\.name))
    }

    /// The process that this one replaced, with the exchanges it still has; nil once it has ended.
    var olderProcess: (process: Int32, exchanges: Int)? {
        guard let older = predecessor.withLock(\.self), older.isThere else { return nil }
        let counts = server.config.slots.map { older.exchangeCount(on: $0.name) }
        return older.isThere ? (older.process, counts.reduce(0, +)) : nil
    }

    /// Exchanges that run on `slot`, here and in the processes that this one replaced.
    func exchangeCount(on slot: SlotID) -> Int {
        let name = name(of: slot)
        let here = server.statistics().lanes.reduce(0) { $1.slot == name ? $0 + $1.inFlight : $0 }
        return here + (predecessor.withLock(\.self)?.exchangeCount(on: name) ?? 0)
    }
}
