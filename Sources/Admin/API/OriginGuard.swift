import Proxy

/// Keeps web pages that an operator visits from talking to the admin port.
struct OriginGuard: Sendable {
    /// The admin port's own address; on loopback, `Host` has to name it.
    let bind: SocketAddress

    /// Why the request looks like a page of another origin asked for it; nil when it does not.
    func refusal(_ request: AdminRequest) -> AdminRefusal? {
        let host = request.field("host")
        if let host, isLocal, !isOwnName(host) {
            // A foreign name that resolves to us: DNS rebinding makes pages same-origin that way.
            return AdminRefusal(
                403,
                "the Host \"\(host)\" is not this admin port; use localhost, 127.0.0.1 or \(bind)"
            )
        }
        if let origin = request.field("origin"), !isOwn(origin: origin, host: host) {
            return AdminRefusal(403, "requests of web pages from another origin are refused")
        }
        switch request.field("sec-fetch-site")?.lowercased() {
        case nil, "same-origin", "none": return nil
        default:
            return AdminRefusal(403, "requests of web pages from another site are refused")
        }
    }

    private func isOwn(origin: String, host: String?) -> Bool {
        guard let host else { return false }
        let origin = origin.lowercased()
        return origin == "http://\(host.lowercased())" || origin == "https://\(host.lowercased())"
    }

    /// Whether only this machine reaches the port.
    private var isLocal: Bool {
        switch bind {
        case .ip(let address, _): address.isLoopback
        case .unix: true
        }
    }

    private func isOwnName(_ authority: String) -> Bool {
        let name = Self.host(of: authority).lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        guard let address = IPAddress(name) else { return false }
        if case .ip(let own, _) = bind, address == own { return true }
        return address.isLoopback
    }

    /// The authority without its port.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("[") {
            return String(authority.prefix { $0 != "]" }) + "]"
        }
        return String(authority.prefix { $0 != ":" })
    }
}

extension IPAddress {
    /// 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        isV4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1
    }
}
