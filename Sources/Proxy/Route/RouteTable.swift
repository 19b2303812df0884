/// One listener's routes, flattened: fixed-size entries and one array of bytes, most specific first.
///
/// An exact path stands before every prefix, a longer prefix before a shorter one, a route without
/// a path last; among equals the file's order holds, whatever else narrows them.
///
/// Paths are compared byte for byte, as they came and as they will be forwarded: nothing is
/// decoded, no `//` merged, no `/../` resolved. One would expect a proxy to normalise first; but
/// what we match must be what the endpoint reads, and the endpoint gets the raw path. So a route is
/// a choice of service and no access rule: `/api/%2e%2e/admin` is a path under `/api/`.
struct RouteTable {
    private let entries: [Entry]
    /// All texts, and eight zeros behind them so that words can be read to the end.
    private let bytes: [UInt8]

    /// Where a request goes.
    struct Match {
        /// The service's index in the configuration.
        let service: Int
        /// The place among the judged routes; nil for what is left out of judging.
        let judged: Int?
        /// The route's place among those of all listeners, in file order.
        let place: Int32
        /// A GET that is 404 in its slot is tried in the other one.
        var rescuesAssets = false
    }

    /// `firstPlace` is the number of routes that the listeners before this one have.
    init(
        _ routes: [Config.Route],
        _ judging: Config.JudgedPlaces = .init(),
        firstPlace: Int = 0
    ) {
        var bytes: [UInt8] = []
        let entries = routes.enumerated().map { offset, route in
            Entry(
                route,
                judging.place(of: route),
                place: firstPlace + offset,
                storingBytesIn: &bytes
            )
        }
        let order = entries.indices.sorted { left, right in
            let (first, second) = (entries[left].rank, entries[right].rank)
            return first == second ? left < right : first > second
        }
        self.entries = order.flatMap { index in
            // Before each route, itself once more for the paths that nobody judges it by.
            judging.exceptions(to: routes[index]).map { route in
                Entry(route, nil, place: firstPlace + index, storingBytesIn: &bytes)
            } + [entries[index]]
        }
        self.bytes = bytes + [UInt8](repeating: 0, count: 8)
    }

    /// The route of a request; nil when none takes it.
    ///
    /// `path` may carry the query or not; `authority` is as in the Host field, with or without a
    /// port, in any case.
    func route(
        head: Span<UInt8>,
        path: ByteRange,
        authority: ByteRange,
        method: ByteRange,
        fields: borrowing FieldTable
    ) -> Match? {
        let entries = entries.span
        let bytes = bytes.span
        for index in entries.indices {
            let entry = entries[index]
            guard entry.takes(path: path, of: head, bytes),
                entry.methods.isEmpty || entry.takes(method: method, of: head, bytes),
                entry.host.isEmpty || entry.takes(authority: authority, of: head, bytes),
                entry.headerName.isEmpty || entry.takes(fields, of: head, bytes)
            else { continue }
            return Match(
                service: Int(entry.service),
                judged: entry.judged < 0 ? nil : Int(entry.judged),
                place: entry.place,
                rescuesAssets: entry.rescuesAssets
            )
        }
        return nil
    }
}

/// A route with its texts as ranges of the table's bytes; an empty range asks for nothing.
private struct Entry {
    enum PathRule: UInt8 {
        case any
        /// Ends with a slash: whatever continues it.
        case prefix
        /// Ends without one: itself, and what continues it with a slash (`/api` is not `/apix`).
        case segments
        case exact
    }

    let pathRule: PathRule
    let path: ByteRange
    /// Lower case; of `*.example.org` the part from the dot on.
    let host: ByteRange
    let hostIsWildcard: Bool
    /// Lower case.
    let headerName: ByteRange
    let headerValue: ByteRange
    let anyHeaderValue: Bool
    /// Each with its length in a byte before it.
    let methods: ByteRange
    let service: UInt32
    /// The place among the judged routes, or -1.
    let judged: Int32
    let place: Int32
    let rescuesAssets: Bool

    init(
        _ route: Config.Route,
        _ judged: Int?,
        place: Int,
        storingBytesIn bytes: inout [UInt8]
    ) {
        func store(_ text: some Sequence<UInt8>) -> ByteRange {
            let start = bytes.count
            bytes.append(contentsOf: text)
            return ByteRange(start, bytes.count)
        }
        switch route.path {
        case .any: (pathRule, path) = (.any, .empty)
        case .exact(let text): (pathRule, path) = (.exact, store(text.utf8))
        case .prefix(let text):
            (pathRule, path) = (text.hasSuffix("/") ? .prefix : .segments, store(text.utf8))
        }
        let hostText = route.host ?? ""
        hostIsWildcard = hostText.hasPrefix("*")
        host = store(hostText.utf8.dropFirst(hostIsWildcard ? 1 : 0))
        headerName = store((route.header?.name ?? "").utf8)
        headerValue = store((route.header?.value ?? "").utf8)
        anyHeaderValue = route.header?.value == nil
        methods = store(route.methods.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
        service = UInt32(route.service)
        self.judged = judged.map { Int32($0) } ?? -1
        self.place = Int32(place)
        rescuesAssets = route.rescuesAssets
    }

    /// How early the entry is tried: exact paths first, then by length.
    var rank: Int { path.count + (pathRule == .exact ? 1 << 32 : 0) }

    func takes(path target: ByteRange, of head: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
        guard pathRule != .any else { return true }
        // RFC 9110 §4.2.3: an absolute target without a path means `/`, the one path of one byte;
        // so does `OPTIONS *` here, since it has no path that a route could name.
        guard !target.isEmpty else { return path.count == 1 }
        guard target.count >= path.count,
            head.hasBytes(at: Int(target.start), path, of: bytes)
        else { return false }
        let rest = Int(target.start) + path.count
        guard rest < Int(target.end) else { return true }
        switch pathRule {
        case .any, .prefix: return true
        case .segments: return head[rest] == UInt8(ascii: "/") || head[rest] == UInt8(ascii: "?")
        case .exact: return head[rest] == UInt8(ascii: "?")
        }
    }

    /// Methods are case-sensitive (RFC 9110 §9.1), and `GET` does not stand for `HEAD`.
    func takes(method: ByteRange, of head: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
        var next = Int(methods.start)
        while next < Int(methods.end) {
            let name = ByteRange(next + 1, next + 1 + Int(bytes[next]))
            if name.count == method.count, head.hasBytes(at: Int(method.start), name, of: bytes) {
                return true
            }
            next = Int(name.end)
        }
        return false
    }

    func takes(authority: ByteRange, of head: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
        let name = head.hostName(of: authority)
        guard hostIsWildcard ? name.count > host.count : name.count == host.count else {
            return false
        }
        return head.hasLowercaseBytes(at: Int(name.end) - host.count, host, of: bytes)
    }

    /// One field line of the name is enough; its value is compared whole, byte for byte.
    func takes(
        _ fields: borrowing FieldTable,
        of head: Span<UInt8>,
        _ bytes: Span<UInt8>
    ) -> Bool {
        for index in 0..<fields.count {
            let field = fields[index]
            guard field.name.count == headerName.count,
                head.hasLowercaseBytes(at: Int(field.name.start), headerName, of: bytes)
            else { continue }
            if anyHeaderValue { return true }
            if field.value.count == headerValue.count,
                head.hasBytes(at: Int(field.value.start), headerValue, of: bytes)
            {
                return true
            }
        }
        return false
    }
}
