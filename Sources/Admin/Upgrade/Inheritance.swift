import CLinux
import FoundationEssentials
import Glibc
import Proxy

/// What was open before this process began: from the one it replaces, from systemd, or nothing.
package struct Inheritance {
    /// The first descriptor of socket activation (sd_listen_fds(3)).
    private static let firstActivated: Int32 = 3
    /// The name that a socket unit gives the admin port's socket (`FileDescriptorName=`).
    private static let adminName = "admin"

    var sockets = InheritedSockets()
    var admin: Int32?
    private(set) var predecessor: Predecessor?
    private(set) var saved: SavedState?
    private(set) var lock: Handover.Lock?

    init() {}

    /// Reads the environment, and takes out of it what is for this process alone.
    static func take() throws(StartFailure) -> Inheritance {
        let environment = ProcessInfo.processInfo.environment
        for name in [Handover.variable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
            unsafe unsetenv(name)
        }
        if let text = environment[Handover.variable] {
            guard let handover = Handover(text) else {
                throw StartFailure(message: "\(Handover.variable) is not what an upgrade sets")
            }
            return try Inheritance(handover)
        }
        return try Inheritance(
            process: environment["LISTEN_PID"],
            count: environment["LISTEN_FDS"],
            names: environment["LISTEN_FDNAMES"]
        )
    }

    private init(_ handover: Handover) throws(StartFailure) {
        for descriptor in handover.descriptors { Self.keepToOneself(descriptor) }
        sockets = InheritedSockets(handover.listeners)
        admin = handover.admin
        lock = handover.stateFile
        do {
            let state = try FileDescriptor("inherit", handover.state)
            let channel = MessageChannel(try FileDescriptor("inherit", handover.channel))
            predecessor = Predecessor(handover, channel: channel)
            lseek(state.rawValue, 0, SEEK_SET)
            saved = try SavedState(fileText: state.read(limitBytes: StateFile.sizeLimitBytes))
        } catch {
            throw StartFailure(message: "the older process handed no state over (\(error))")
        }
    }

    /// Socket activation; without `LISTEN_PID` of this process there is none.
    init(process: String?, count: String?, names: String?) throws(StartFailure) {
        guard let process, Int32(process) == getpid() else { return }
        guard let count = count.flatMap({ Int32($0) }), (1...1_024).contains(count) else {
            throw StartFailure(message: "LISTEN_FDS has to be a number from 1 to 1024")
        }
        let names = names?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        var groups: [SocketAddress: [Int32]] = [:]
        for place in 0..<count {
            let descriptor = Self.firstActivated + place
            let name = Int(place) < names.count ? String(names[Int(place)]) : ""
            guard Self.isListening(descriptor), let bound = Socket.boundAddress(of: descriptor)
            else {
                throw StartFailure(
                    message:
                        "descriptor \(descriptor) (\(name)) of the socket unit does not listen;"
                        + " it needs ListenStream="
                )
            }
            Self.keepToOneself(descriptor)
            if name == Self.adminName {
                admin = descriptor
            } else {
                groups[bound, default: []].append(descriptor)
            }
        }
        sockets = InheritedSockets(
            groups.map { .init(written: nil, bound: $0.key, descriptors: $0.value) }
        )
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size)
        return result == 0 && listens == 1
    }

    /// Not for processes that this one starts, and never waited on by a call.
    private static func keepToOneself(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// Deals with the sockets that no listener of the configuration has taken: an older process
    /// goes on accepting from its own until it ends, but systemd's would never be answered.
    func dropRest() throws(StartFailure) {
        for group in sockets.groups {
            guard predecessor != nil else {
                throw StartFailure(
                    message: "the socket unit opens \(group.bound), which is no listener of the"
                        + " configuration; add it there, or take it out of the unit"
                )
            }
            for descriptor in group.descriptors { close(descriptor) }
        }
    }

    /// The lock on the state file, when that is the one of the older process.
    func lock(for path: String) -> Int32? { lock?.path == path ? lock?.descriptor : nil }
}
