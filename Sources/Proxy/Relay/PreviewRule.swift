/// How a request asks for a slot by name, so that a slot can be tried before it is live.
struct PreviewRule {
    /// Whether requests may ask at all.
    private let isEnabled: Bool
    private let header: [UInt8]
    private let tokenHeader: [UInt8]
    /// Empty when no token is asked for.
    private let token: [UInt8]
    private let slotNames: [[UInt8]]
    private let nameLengths: NameLengths

    init(_ preview: Config.Preview?, slots: [String]) {
        isEnabled = preview != nil
        let preview = preview ?? Config.Preview()
        header = Array(preview.header.utf8)
        tokenHeader = Array(preview.tokenHeader.utf8)
        token = Array((preview.token ?? "").utf8)
        slotNames = slots.map { Array($0.utf8) }
        nameLengths = NameLengths(of: [header, tokenHeader])
    }

    /// The slot that the request may and does ask for.
    ///
    /// Both fields are marked as removed whatever they say: they are meant for us, and the token
    /// is a secret.
    func slot(in head: borrowing Buffer, _ fields: inout FieldTable) -> SlotID? {
        guard isEnabled else { return nil }
        let head = head.unread
        var asked: ByteRange?
        var isAllowed = token.isEmpty
        for index in 0..<fields.count where nameLengths.mayHave(fields[index]) {
            guard fields[index].known == .other else { continue }
            let name = fields[index].name
            if head.equalsIgnoringCase(name, header) {
                asked = fields[index].value
                fields[index].isRemoved = true
            } else if head.equalsIgnoringCase(name, tokenHeader) {
                isAllowed = isAllowed || isToken(head, fields[index].value)
                fields[index].isRemoved = true
            }
        }
        guard isAllowed, let asked else { return nil }
        for slot in SlotID.both where head.equals(asked, slotNames[slot.index]) { return slot }
        return nil
    }

    /// Compares in a time that does not tell how many bytes were right.
    private func isToken(_ head: Span<UInt8>, _ value: ByteRange) -> Bool {
        guard value.count == token.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<token.count { difference |= head[Int(value.start) + index] ^ token[index] }
        return difference == 0
    }
}
