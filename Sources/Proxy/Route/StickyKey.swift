/// What keeps a downstream on its slot: where in a request the key is, prepared for comparing.
struct StickyKey {
    private enum Source: UInt8 { case clientAddress, cookie, header, chance }

    private let source: Source
    /// Of the cookie, or of the field in lower case.
    private let name: [UInt8]

    init(_ sticky: Config.Canary.Sticky) {
        switch sticky {
        case .clientAddress: (source, name) = (.clientAddress, [])
        case .cookie(let name): (source, self.name) = (.cookie, Array(name.utf8))
        case .header(let name): (source, self.name) = (.header, Array(name.utf8))
        case .none: (source, name) = (.chance, [])
        }
    }

    /// The hash that decides the slot of a request.
    ///
    /// A cookie or header that is absent or empty leaves the client's address: a first visit, before
    /// the application has set its cookie, is still steady.
    func hash(
        head: Span<UInt8>,
        fields: borrowing FieldTable,
        client: IPAddress,
        random: UInt32
    ) -> UInt32 {
        switch source {
        case .chance: return random
        case .clientAddress: return StickyHash.of(client)
        case .cookie, .header:
            let key = key(head: head, fields: fields)
            return key.isEmpty ? StickyHash.of(client) : StickyHash.of(head, key)
        }
    }

    /// Of several the first that is not empty.
    private func key(head: Span<UInt8>, fields: borrowing FieldTable) -> ByteRange {
        let name = name.span
        for index in 0..<fields.count {
            let field = fields[index]
            var key = ByteRange.empty
            if source == .cookie {
                if field.known == .cookie {
                    key = CookieField.value(of: name, in: head, field.value)
                }
            } else if field.name.count == name.count,
                head.hasLowercaseBytes(
                    at: Int(field.name.start),
                    ByteRange(0, name.count),
                    of: name
                )
            {
                key = field.value
            }
            if !key.isEmpty { return key }
        }
        return .empty
    }
}
