import CLinux
import Glibc
import Proxy

extension ServeProgram {
    /// Lets this process be replaced, by a signal or by the admin port.
    func allowUpgrade(of yard: Yard) {
        let means = UpgradeMeans(
            image: ProgramImage(arguments: CommandLine.arguments),
            adminListener: yard.admin.listenerDescriptor,
            stopAccepting: { yard.admin.stopAccepting() },
            handedOver: { successor in leave(yard, successor) }
        )
        yard.control.upgradeMeans.withLock { $0 = means }
    }

    /// On a thread of its own, since a signal may come before the new process is ready.
    func upgrade(_ control: ControlPlane) {
        _ = ThreadBox().tryStart(name: "upgrade") { _ = try? control.upgrade(actor: "SIGUSR2") }
    }

    /// Drains beside the successor, and ends the process when nothing is left.
    private func leave(_ yard: Yard, _ successor: Successor) {
        // In this order: whoever sends MAINPID has to be the main process still.
        service?.tell("MAINPID=\(successor.process)", "STATUS=replaced, draining")
        service?.stop()
        let control = yard.control
        let isFollowing = ThreadBox().tryStart(name: "successor") { control.serve(successor) }
        let isDraining = ThreadBox().tryStart(name: "drain") {
            yard.rollouts.stop()
            control.judge.stop()
            yard.admin.leave()
            control.server.awaitEnd()
            control.log.note("process \(getpid()) has drained and ends")
            exit(ExitCode.done.rawValue)
        }
        if !isFollowing || !isDraining { exit(ExitCode.refused.rawValue) }
    }

    /// Keeps systemd informed from here on.
    func tellService(_ yard: Yard) {
        let control = yard.control
        service?.start(
            isReady: { control.server.isReady },
            status: { control.statusLine },
            areAlive: { control.server.workersTurn(within: $0) }
        )
    }
}

extension ControlPlane {
    /// The state in one line.
    var statusLine: String {
        let routing = routing
        var line = "\(name(of: routing.active)) is active, generation \(routing.generation)"
        if let canary = routing.canary {
            line += ", canary \(name(of: routing.active.other)) \(JSON(canary.percent).line) %"
        }
        if let unreadiness { line += ", not ready: \(unreadiness)" }
        return line
    }
}
