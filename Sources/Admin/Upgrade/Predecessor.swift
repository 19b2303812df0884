import CLinux
import Glibc
import Proxy

/// The older process, as the one that replaces it sees it: first to take over from, then to be
/// told every change, for it still answers what came over connections it has.
final class Predecessor: Sendable {
    /// How often the new process looks whether it is ready.
    private static let pollMicroseconds: UInt32 = 5_000
    /// A process that only drains answers at once; one that does not is given up.
    private static let answerLimit = Duration.seconds(5)

    let process: Int32
    let actor: String
    private let mustBeReady: Bool
    /// nil once it has ended.
    private let channel: Lock<MessageChannel?>

    init(_ handover: Handover, channel: MessageChannel) {
        process = handover.process
        actor = handover.actor
        mustBeReady = handover.isReady
        self.channel = Lock(channel)
    }

    /// Takes the traffic over; returns when this process alone accepts.
    ///
    /// An older process that dies meanwhile leaves everything to this one.
    func takeOver(_ control: ControlPlane) {
        let channel = channel.withLock(\.self)
        awaitReadiness(control) { channel?.send(["say": "waiting", "reason": .string($0)]) }
        channel?.send([
            "say": "ready", "version": .string(Version.text),
            "sockets": .array(control.server.inheritedSockets.map { JSON($0) }),
        ])
        expect("yours")
        control.recordUpgrade(from: self)
        control.server.release()
        channel?.send(["say": "serving"])
        expect("done")
    }

    private func awaitReadiness(_ control: ControlPlane, tell: (String) -> Void) {
        var told = ""
        while let reason = control.unreadiness {
            if !mustBeReady, control.server.isReady { return }
            if reason != told { tell(reason) }
            told = reason
            usleep(Self.pollMicroseconds)
        }
    }

    /// Waits for a word; an end of the channel is as good as any.
    private func expect(_ word: String) {
        channel.withLock { channel in
            guard let open = channel else { return }
            while true {
                switch open.receive() {
                case .message(let message) where message["say"]?.string == word: return
                case .message, .late: continue
                case .end:
                    channel = nil
                    return
                }
            }
        }
    }

    // MARK: Afterwards

    /// Has the older process route by `routing` too; returns when it does, or has ended.
    func follow(_ routing: RoutingState, slotNames: [String]) {
        _ = ask([
            "say": "follow", "generation": JSON(routing.generation),
            "active": .string(slotNames[routing.active.index]),
            "canary": routing.canary.map { JSON($0.percent) } ?? .null,
        ])
    }

    /// Exchanges that still run there on a slot.
    func exchangeCount(on slot: String) -> Int {
        ask(["say": "count", "slot": .string(slot)])?["exchanges"]?.integer.map { Int($0) } ?? 0
    }

    /// Whether it still runs.
    var isThere: Bool { channel.withLock { $0 != nil } }

    private func ask(_ question: JSON) -> JSON? {
        channel.withLock { channel in
            guard let open = channel else { return nil }
            open.send(question)
            if case .message(let answer) = open.receive(until: .now + Self.answerLimit) {
                return answer
            }
            channel = nil
            return nil
        }
    }
}
