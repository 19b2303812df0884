/// Listening sockets that another process opened for this one: an older switchyard, or systemd.
package struct InheritedSockets: Sendable {
    /// The sockets of one address.
    package struct Group: Sendable, Equatable {
        /// As the configuration of the older switchyard writes it; nil when systemd opened it.
        package let written: String?
        package let bound: SocketAddress
        package let descriptors: [Int32]

        package init(written: String?, bound: SocketAddress, descriptors: [Int32]) {
            self.written = written
            self.bound = bound
            self.descriptors = descriptors
        }
    }

    /// Those that no listener has taken.
    package private(set) var groups: [Group]

    package init(_ groups: [Group] = []) { self.groups = groups }

    /// Takes the sockets for the listener that is written so; nil when there are none.
    package mutating func take(written: String, bind: SocketAddress) -> Group? {
        let place =
            groups.firstIndex { $0.written == written }
            ?? groups.firstIndex { $0.bound == bind || $0.bound.isWildcard(standingFor: bind) }
        return place.map { groups.remove(at: $0) }
    }
}

extension SocketAddress {
    /// Whether this is `[::]` with the port of an IPv4 wildcard: systemd's `ListenStream=8080`
    /// takes both families, as does ours.
    fileprivate func isWildcard(standingFor other: SocketAddress) -> Bool {
        guard case .ip(let mine, let port) = self, case .ip(let theirs, port) = other else {
            return false
        }
        return !mine.isV4 && mine.isUnspecified && theirs.isUnspecified
    }
}

extension IPAddress {
    fileprivate var isUnspecified: Bool { isV4 ? low & 0xFFFF_FFFF == 0 : high == 0 && low == 0 }
}
