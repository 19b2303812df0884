import CLinux
import Glibc
import Proxy

/// Why the program was not replaced; it serves on as before.
package struct UpgradeFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}

/// The process that serves in place of this one.
package struct Successor: Sendable {
    package let process: Int32
    package let version: String
    let channel: MessageChannel
}

/// One replacement of the program, from the start of the new process to its word that it serves.
///
/// Until that word everything can be taken back: the old process accepts all the time, and the new
/// one is ended when it fails. A connection is accepted by the one or the other, from the very
/// sockets that both hold.
struct Upgrade: ~Copyable {
    let image: ProgramImage
    let handover: Handover
    /// The state in memory, which the new process has a descriptor of.
    let state: FileDescriptor
    let ours: MessageChannel
    /// Kept open until the new process has its own copies.
    let theirs: MessageChannel
    let limit: Duration

    /// Starts the new process and leads it to where it serves; `commit` hands over to it.
    func run(_ commit: (_ sockets: [Int32]) -> Void) throws(UpgradeFailure) -> Successor {
        let process: Int32
        do { process = try image.start(handover) } catch {
            throw UpgradeFailure(
                message: "\(image.path) cannot be started (\(error)); this process serves on"
            )
        }
        theirs.close()
        let deadline = ContinuousClock.now + limit
        do {
            let version = try lead(deadline, commit)
            return Successor(process: process, version: version, channel: ours)
        } catch {
            kill(process, SIGKILL)
            var status: Int32 = 0
            unsafe waitpid(process, &status, 0)
            throw UpgradeFailure(
                message: "the new process \(process) did not take over: \(error.message); this"
                    + " process serves on"
            )
        }
    }

    /// Returns the new program's version once it serves.
    private func lead(
        _ deadline: ContinuousClock.Instant,
        _ commit: ([Int32]) -> Void
    ) throws(UpgradeFailure) -> String {
        var reason = "it did not finish its start"
        var version = ""
        var kept: [Int32] = []
        while true {
            switch ours.receive(until: deadline) {
            case .end:
                throw UpgradeFailure(message: "it ended; what was wrong stands in its log")
            case .late:
                throw UpgradeFailure(message: "not within \(limit): \(reason)")
            case .message(let message):
                switch message["say"]?.string {
                case "waiting": reason = message["reason"]?.string ?? reason
                case "ready":
                    version = message["version"]?.string ?? ""
                    kept =
                        message["sockets"]?.array?
                        .compactMap { $0.integer.flatMap { Int32(exactly: $0) } } ?? []
                    ours.send(["say": "yours"])
                case "serving":
                    commit(kept)
                    ours.send(["say": "done"])
                    return version
                default: break
                }
            }
        }
    }
}
