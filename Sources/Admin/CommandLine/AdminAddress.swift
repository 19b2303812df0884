import Proxy

/// Where an admin port is, as the command line names it.
struct AdminAddress: Equatable {
    static let standard = "http://127.0.0.1:8081"

    typealias Place = HTTPClient.Place

    let place: Place
    /// For the `Host` field.
    let authority: String

    /// Reads `http://HOST[:PORT]`, `HOST:PORT` or `unix:/PATH`.
    init(_ text: String) throws(UsageFailure) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), path.utf8.count <= SocketAddress.unixPathLimitBytes else {
                throw Self.failure(text)
            }
            place = .unix(path: path)
            authority = "localhost"
            return
        }
        if text.hasPrefix("https://") {
            throw UsageFailure(message: "the admin port speaks http, not https: \(text)")
        }
        var rest = text.hasPrefix("http://") ? String(text.dropFirst(7)) : text
        if rest.hasSuffix("/") { rest.removeLast() }
        let isValid = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@".utf8.contains($0) }
        let colon = rest.lastIndex(of: ":")
        let bracket = rest.lastIndex(of: "]")
        var host = rest
        var port = "80"
        if let colon, bracket.map({ $0 < colon }) ?? true {
            host = String(rest[..<colon])
            port = String(rest[rest.index(after: colon)...])
        }
        guard isValid, !host.isEmpty, let number = UInt16(port), number > 0 else {
            throw Self.failure(text)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        place = .network(host: host, port: port)
        authority = rest
    }

    private static func failure(_ text: String) -> UsageFailure {
        UsageFailure(message: "\(text) is no admin address; write \(standard)")
    }
}
