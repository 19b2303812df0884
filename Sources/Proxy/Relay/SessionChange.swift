/// What the response to a request does to the cookie of its session.
enum SessionChange {
    /// There are no sessions, or the request asked for a slot by itself.
    case none
    /// The cookie stays as it is.
    case asIs
    case begins(token: UInt64, isSecure: Bool)
    case ends(isSecure: Bool)

    var isNone: Bool {
        if case .none = self { true } else { false }
    }
}
