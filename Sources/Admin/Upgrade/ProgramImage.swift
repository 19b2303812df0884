import CLinux
import FoundationEssentials
import Glibc
import Proxy

/// The program as it was started: what to start again for an upgrade.
package struct ProgramImage: Sendable {
    /// Where it is found again: as it was called, so that a link that leads to a newer release
    /// now is followed; for a name without a slash the file that runs.
    let path: String
    let arguments: [String]

    package init(arguments: [String]) {
        self.arguments = arguments
        let name = arguments.first ?? ""
        path = name.contains("/") ? name : Self.runningFile ?? name
    }

    private static var runningFile: String? {
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &room, room.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Starts it with `handover`, whose descriptors it inherits and nobody else; returns its number.
    func start(_ handover: Handover) throws(SystemError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // A descriptor that is duplicated onto itself loses its mark "close on exec".
        for descriptor in handover.descriptors {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let environment = Self.environment(adding: handover.text)
        var process: pid_t = 0
        let code = unsafe Self.withPointers(arguments) { arguments in
            unsafe Self.withPointers(environment) { environment in
                unsafe posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw SystemError("posix_spawn", code: code) }
        return process
    }

    /// Ours, but for what was meant for this process alone.
    private static func environment(adding handover: String) -> [String] {
        let own = [Handover.variable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"]
        return ProcessInfo.processInfo.environment.filter { !own.contains($0.key) }
            .map { "\($0.key)=\($0.value)" } + ["\(Handover.variable)=\(handover)"]
    }

    private static func withPointers<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe texts.map { unsafe strdup($0) }
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { list in
            guard let base = list.baseAddress else { preconditionFailure("never empty") }
            return unsafe body(base)
        }
    }
}
