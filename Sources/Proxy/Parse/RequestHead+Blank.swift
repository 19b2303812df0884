extension RequestHead {
    /// A head of nothing, in the place of one that is yet to be read.
    init() {
        method = .other
        methodBytes = .empty
        target = .empty
        form = .origin
        path = .empty
        authority = .empty
        version = .http11
        byteCount = 0
        framing = .none
        keepAlive = false
        upgrade = .none
        expectsContinue = false
        (host, forwardedFor, forwardedProto, forwardedHost, cookie) = (-1, -1, -1, -1, -1)
    }
}
