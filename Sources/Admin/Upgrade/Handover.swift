import CLinux
import Glibc
import Proxy

/// What a process gives the one that replaces it, as numbers of inherited descriptors.
///
/// It stands in an environment variable; the descriptors are the sockets themselves, so connections
/// that wait in their queues are not lost.
struct Handover: Equatable {
    static let variable = "SWITCHYARD_HANDOVER"

    /// Who hands over.
    var process: Int32
    /// Who asked for it, for the history.
    var actor: String
    /// Whether the active slot is served well now: then the successor has to do so too.
    var isReady: Bool
    var listeners: [InheritedSockets.Group]
    var admin: Int32
    /// The channel to the older process.
    var channel: Int32
    /// A file in memory with the state.
    var state: Int32
    /// The state file and the descriptor that holds its lock.
    var stateFile: Lock?

    struct Lock: Equatable {
        var path: String
        var descriptor: Int32
    }

    /// Every descriptor that has to survive exec.
    var descriptors: [Int32] {
        listeners.flatMap(\.descriptors) + [admin, channel, state]
            + (stateFile.map { [$0.descriptor] } ?? [])
    }

    var text: String {
        let json: JSON = [
            "process": JSON(process), "actor": .string(actor), "ready": .bool(isReady),
            "listeners": .array(
                listeners.map { group in
                    [
                        "address": JSON(group.written),
                        "sockets": .array(group.descriptors.map { JSON($0) }),
                    ]
                }
            ),
            "admin": JSON(admin), "channel": JSON(channel), "state": JSON(state),
            "state_file": stateFile.map {
                ["path": .string($0.path), "lock": JSON($0.descriptor)]
            } ?? .null,
        ]
        return json.line
    }

    /// Reads what `text` wrote; nil for anything else, and for descriptors that do not listen.
    init?(_ text: String) {
        guard let json = try? JSONParser.parse(Array(text.utf8)),
            let process = json["process"]?.descriptor,
            let actor = json["actor"]?.string,
            let isReady = json["ready"]?.bool,
            let admin = json["admin"]?.descriptor,
            let channel = json["channel"]?.descriptor,
            let state = json["state"]?.descriptor,
            let entries = json["listeners"]?.array
        else { return nil }
        var listeners: [InheritedSockets.Group] = []
        for entry in entries {
            guard let written = entry["address"]?.string,
                let sockets = entry["sockets"]?.array?.compactMap(\.descriptor),
                let first = sockets.first, let bound = Socket.boundAddress(of: first)
            else { return nil }
            listeners.append(.init(written: written, bound: bound, descriptors: sockets))
        }
        self.init(
            process: process,
            actor: actor,
            isReady: isReady,
            listeners: listeners,
            admin: admin,
            channel: channel,
            state: state
        )
        if let path = json["state_file"]?["path"]?.string,
            let lock = json["state_file"]?["lock"]?.descriptor
        {
            stateFile = Lock(path: path, descriptor: lock)
        }
    }

    init(
        process: Int32,
        actor: String,
        isReady: Bool,
        listeners: [InheritedSockets.Group],
        admin: Int32,
        channel: Int32,
        state: Int32
    ) {
        self.process = process
        self.actor = actor
        self.isReady = isReady
        self.listeners = listeners
        self.admin = admin
        self.channel = channel
        self.state = state
    }
}

extension JSON {
    fileprivate var descriptor: Int32? { integer.flatMap { Int32(exactly: $0) } }
}
