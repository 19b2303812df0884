/// Puts chosen users on a slot: conditions in file order, flattened like `RouteTable`.
struct SlotRules {
    private let entries: [Entry]
    private let clients: [AddressRange]
    /// All texts, and eight zeros behind them so that words can be read to the end.
    private let bytes: [UInt8]

    /// Rules are in force while there is a canary, at rest or not: testers are to reach it first.
    init(_ config: Config, routing: RoutingState) {
        var (clients, bytes): ([AddressRange], [UInt8]) = ([], [])
        let rules = routing.canary == nil ? [] : config.canary.rules
        entries = rules.map { rule in
            let slot = config.slot(of: rule, in: routing)
            return Entry(rule, slot, storingIn: &clients, &bytes)
        }
        self.clients = clients
        self.bytes = bytes + [UInt8](repeating: 0, count: 8)
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The slot of the first rule whose conditions all hold; nil when there is none.
    func slot(
        head: Span<UInt8>,
        fields: borrowing FieldTable,
        client: IPAddress
    ) -> SlotID? {
        let entries = entries.span
        let bytes = bytes.span
        for index in entries.indices {
            let entry = entries[index]
            guard entry.header.isEmpty || hasHeader(entry, head, fields, bytes),
                entry.cookie.isEmpty || hasCookie(entry, head, fields, bytes),
                entry.clients.isEmpty || isFrom(client, entry)
            else { continue }
            return entry.slot
        }
        return nil
    }

    private func hasHeader(
        _ entry: Entry,
        _ head: Span<UInt8>,
        _ fields: borrowing FieldTable,
        _ bytes: Span<UInt8>
    ) -> Bool {
        for index in 0..<fields.count {
            let field = fields[index]
            guard field.name.count == entry.header.count,
                head.hasLowercaseBytes(at: Int(field.name.start), entry.header, of: bytes)
            else { continue }
            if entry.anyHeader || isEqual(field.value, entry.headerValue, head, bytes) {
                return true
            }
        }
        return false
    }

    private func hasCookie(
        _ entry: Entry,
        _ head: Span<UInt8>,
        _ fields: borrowing FieldTable,
        _ bytes: Span<UInt8>
    ) -> Bool {
        let name = bytes.extracting(entry.cookie.range)
        for index in 0..<fields.count where fields[index].known == .cookie {
            let value = CookieField.value(of: name, in: head, fields[index].value)
            guard value != .empty else { continue }
            if entry.anyCookie || isEqual(value, entry.cookieValue, head, bytes) { return true }
        }
        return false
    }

    private func isFrom(_ client: IPAddress, _ entry: Entry) -> Bool {
        for index in entry.clients where clients[index].contains(client) { return true }
        return false
    }

    /// Whole and byte for byte.
    private func isEqual(
        _ value: ByteRange,
        _ wanted: ByteRange,
        _ head: Span<UInt8>,
        _ bytes: Span<UInt8>
    ) -> Bool {
        value.count == wanted.count && head.hasBytes(at: Int(value.start), wanted, of: bytes)
    }
}

/// A rule with its texts and addresses as ranges of the list's; an empty range asks for nothing.
private struct Entry {
    /// Lower case.
    let header: ByteRange
    let headerValue: ByteRange
    let anyHeader: Bool
    let cookie: ByteRange
    let cookieValue: ByteRange
    let anyCookie: Bool
    let clients: Range<Int>
    let slot: SlotID

    init(
        _ rule: Config.SlotRule,
        _ slot: SlotID,
        storingIn clients: inout [AddressRange],
        _ bytes: inout [UInt8]
    ) {
        func store(_ text: some Sequence<UInt8>) -> ByteRange {
            let start = bytes.count
            bytes.append(contentsOf: text)
            return ByteRange(start, bytes.count)
        }
        header = store((rule.header?.name ?? "").utf8)
        headerValue = store((rule.header?.value ?? "").utf8)
        anyHeader = rule.header?.value == nil
        cookie = store((rule.cookie?.name ?? "").utf8)
        cookieValue = store((rule.cookie?.value ?? "").utf8)
        anyCookie = rule.cookie?.value == nil
        let start = clients.count
        clients += rule.clients
        self.clients = start..<clients.count
        self.slot = slot
    }
}
