/// A host and a port as written, not yet judged.
struct HostPort {
    /// A name or an IPv4 address; an IPv6 address without its brackets; empty in `:8080`.
    let host: String
    let port: UInt16
    private let isBracketed: Bool

    init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            case let digits = text.utf8[text.utf8.index(after: colon)...], digits.count <= 5,
            let port = wholeNumber(digits).flatMap(UInt16.init(exactly:))
        else { return nil }
        let host = text[..<colon]
        isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.host = String(isBracketed ? host.dropFirst().dropLast() : host)
        self.port = port
    }

    /// The address; nil for a name, and for an IPv6 address without brackets.
    var address: IPAddress? {
        guard isBracketed == host.utf8.contains(UInt8(ascii: ":")), !host.hasPrefix("[") else {
            return nil
        }
        return IPAddress(host)
    }

    /// As in `:8080`.
    var isPortAlone: Bool { host.isEmpty && !isBracketed }

    /// Whether one can connect to it.
    var isEndpoint: Bool {
        port > 0 && (address != nil || (!isBracketed && HostName.isValid(host)))
    }
}

/// Names that a resolver may be asked for.
enum HostName {
    /// RFC 1123 §2.1, and `_` since containers have it; a number at the end makes it an address.
    static func isValid(_ name: String) -> Bool {
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        guard name.utf8.count <= 253, let last = labels.last,
            !last.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 })
        else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { byte in
                    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "-")
                        || byte == UInt8(ascii: "_")
                }
        }
    }
}

/// An address to listen on, as written and as bound.
struct ListenAddress: Equatable {
    let text: String
    let bind: SocketAddress
}

extension ConfigRule<ListenAddress> {
    /// Port 0 takes a free one; `:8080` is every IPv4 address, and `[::]:8080` is for IPv6.
    static var listenAddress: ConfigRule {
        ConfigRule(
            "an IP address and a port, such as \"0.0.0.0:8080\" or \"[::1]:8080\"",
            schema: .text(pattern: #"^([0-9.]*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"#),
            read: { json in
                guard let text = json.string, let parsed = HostPort(text),
                    let address = parsed.isPortAlone ? IPAddress(v4: 0) : parsed.address
                else { return nil }
                return ListenAddress(text: text, bind: .ip(address, port: parsed.port))
            },
            write: { .string($0.text) }
        )
    }
}

extension ConfigRule<Config.Endpoint> {
    /// `host:port`, where a name is resolved again and again, or `unix:/path`.
    static var endpointAddress: ConfigRule {
        ConfigRule(
            "`host:port` or `unix:/path`, such as \"127.0.0.1:9001\"",
            schema: .text(
                pattern:
                    #"^(([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}|unix:/.{1,106})$"#
            ),
            read: { json in
                json.string.flatMap { text in
                    target(of: text).map { Config.Endpoint(authority: text, target: $0) }
                }
            },
            write: { .string($0.authority) }
        )
    }

    private static func target(of text: String) -> Config.Endpoint.Target? {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), path.utf8.count > 1, !path.utf8.contains(0),
                path.utf8.count <= SocketAddress.unixPathLimitBytes
            else { return nil }
            return .address(.unix(path: path))
        }
        guard let parsed = HostPort(text), parsed.isEndpoint else { return nil }
        if let address = parsed.address { return .address(.ip(address, port: parsed.port)) }
        return .name(host: parsed.host, port: parsed.port)
    }
}

extension ConfigRule<AddressRange> {
    static var addressRange: ConfigRule {
        ConfigRule(
            "an address range, such as \"10.0.0.0/8\" or \"::1\"",
            schema: .text(pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"),
            read: { json in
                guard let text = json.string, !text.hasPrefix("[") else { return nil }
                let parts = text.utf8.split(
                    separator: UInt8(ascii: "/"),
                    omittingEmptySubsequences: false
                )
                guard parts.count == 1 || wholeNumber(parts[1]) != nil else { return nil }
                return AddressRange(text)
            },
            write: { .string($0.text) }
        )
    }
}

extension AddressRange {
    fileprivate var text: String { "\(base)/\(base.isV4 ? prefixBits - 96 : prefixBits)" }
}

extension SocketAddress {
    /// Reachable from this machine alone.
    var isLoopback: Bool {
        switch self {
        case .ip(let address, _):
            address.isV4 ? address.low >> 24 & 0xFF == 127 : (address.high, address.low) == (0, 1)
        case .unix: true
        }
    }

    /// Whether a connection could be meant for either.
    func overlaps(_ other: SocketAddress) -> Bool {
        guard case .ip(let left, let leftPort) = self, case .ip(let right, let rightPort) = other
        else { return self == other }
        guard leftPort == rightPort, leftPort != 0, left.isV4 == right.isV4 else { return false }
        return left == right || left.isEvery || right.isEvery
    }
}

extension IPAddress {
    /// `0.0.0.0` or `::`.
    fileprivate var isEvery: Bool { high == 0 && (isV4 ? low & 0xFFFF_FFFF == 0 : low == 0) }
}
