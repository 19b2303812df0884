/// Decides where a session is served, from its cookie or from its sticky key.
struct SessionRule {
    /// Whether the configuration asks for sessions at all.
    let isEnabled: Bool
    /// Whether there is a canary, so that sessions begin; without one they end.
    let isSplit: Bool
    /// Of the cookie.
    let name: [UInt8]
    private let key: SessionKey
    private let split: WeightedSlots
    private let canary: SlotID
    private let generation: Generation
    private let since: UInt32
    private let keepsLowered: Bool
    private let secure: Config.Session.Secure
    /// The field line up to the value, and behind it up to `Secure`.
    private let lineStart: [UInt8]
    private let attributes: [UInt8]

    init(_ session: Config.Session?, routing: RoutingState, key: SessionKey) {
        isEnabled = session != nil
        isSplit = routing.canary != nil
        let session = session ?? Config.Session()
        name = Array(session.cookie.utf8)
        self.key = session.key ?? key
        split = WeightedSlots(active: routing.active, canary: routing.canary)
        canary = routing.active.other
        generation = routing.generation
        since = SessionToken.short(routing.splitSince ?? routing.generation)
        keepsLowered = session.whenLowered == .keep
        secure = session.secure
        lineStart = Array("Set-Cookie: \(session.cookie)=".utf8)
        let age = session.maxAge.map { "; Max-Age=\($0.components.seconds)" } ?? ""
        attributes = Array("; Path=/\(age); HttpOnly; SameSite=Lax".utf8)
    }

    /// Where a request goes, and what its session is from here on.
    struct Placement: Equatable {
        let slot: SlotID
        let token: SessionToken
        /// The downstream has no cookie that says so.
        let isNew: Bool
    }

    /// The token of the first cookie of our name that is ours.
    func token(
        in head: Span<UInt8>,
        _ fields: borrowing FieldTable
    ) -> SessionToken? {
        for index in 0..<fields.count where fields[index].known == .cookie {
            let value = CookieField.value(of: name.span, in: head, fields[index].value)
            if let token = SessionToken(parsing: head, value, key: key) { return token }
        }
        return nil
    }

    /// Whether there is a cookie of our name, good or not.
    func hasCookie(in head: Span<UInt8>, _ fields: borrowing FieldTable) -> Bool {
        for index in 0..<fields.count where fields[index].known == .cookie {
            if hasCookie(in: head, fields[index].value) { return true }
        }
        return false
    }

    func hasCookie(in head: Span<UInt8>, _ field: ByteRange) -> Bool {
        CookieField.value(of: name.span, in: head, field) != .empty
    }

    /// Places a session by its token, or a first request by the hash of its sticky key.
    ///
    /// A session keeps its point for good. So it follows the weight as its key would: into the
    /// canary when that is raised, out of it when it is lowered, unless sessions of the canary are
    /// to be kept then. What a token says of the slot counts only in the split it was made for.
    func place(_ token: SessionToken?, hash: UInt32) -> Placement {
        let point = token?.point ?? hash
        let isCurrent = token.map { $0.generation >= since } ?? false
        let isKept = keepsLowered && isCurrent && token?.slot == canary
        let slot = isKept ? canary : split.slot(for: point)
        if let token, isCurrent, token.slot == slot {
            return Placement(slot: slot, token: token, isNew: false)
        }
        let made = SessionToken(point: point, slot: slot, generation: generation)
        return Placement(slot: slot, token: made, isNew: true)
    }

    // MARK: Writing

    /// The field line that sets the cookie.
    func append(_ word: UInt64, isSecure: Bool, to text: inout TextBuffer) {
        text.append(lineStart)
        text.append(hexadecimal: word)
        text.append(hexadecimal: key.tag(of: word))
        text.append(attributes)
        text.append(ending(isSecure))
    }

    /// The field line that takes the cookie back.
    func appendEnd(isSecure: Bool, to text: inout TextBuffer) {
        text.append(lineStart)
        text.append("; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        text.append(ending(isSecure))
    }

    private func ending(_ isSecure: Bool) -> StaticString {
        let saysSecure =
            switch secure {
            case .automatic: isSecure
            case .always: true
            case .never: false
            }
        return saysSecure ? "; Secure\r\n" : "\r\n"
    }

    /// Whether a Set-Cookie field of the application sets our cookie.
    func isOurs(_ value: ByteRange, of head: Span<UInt8>) -> Bool {
        value.count > name.count && head[Int(value.start) + name.count] == UInt8(ascii: "=")
            && head.hasBytes(at: Int(value.start), ByteRange(0, name.count), of: name.span)
    }
}
