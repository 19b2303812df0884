/// What is believed of the forwarding fields of a request, by who sent it.
struct ForwardedRule {
    /// Longest request id that is taken over; a longer one is replaced.
    static let requestIDLimitBytes = 128

    static let traceParentBytes = Array("traceparent".utf8)
    static let refererBytes = Array("referer".utf8)
    static let userAgentBytes = Array("user-agent".utf8)

    let trusted: [AddressRange]
    /// A request without a valid trace begins one.
    let makesTrace: Bool
    /// Traces are of interest at all: otherwise the field passes unread.
    let readsTrace: Bool
    /// As configured, with a colon and a space: ready to be written.
    let requestIDLine: [UInt8]
    let requestIDName: [UInt8]
    /// Of the names beside the known ones that we may set ourselves.
    let ownNames: NameLengths

    init(_ forwarded: Config.Forwarded, isLogged: Bool = false) {
        makesTrace = forwarded.traceParent == .make
        readsTrace = makesTrace || isLogged
        trusted = forwarded.trustedProxies
        requestIDName = Array(forwarded.requestID.utf8)
        requestIDLine = Array("\(forwarded.requestID): ".utf8)
        ownNames = NameLengths(of: [requestIDName, Self.traceParentBytes])
    }

    func trusts(_ address: IPAddress) -> Bool {
        for range in trusted where range.contains(address) { return true }
        return false
    }

    /// The address of the client: the peer's, or, behind trusted proxies, the last address of
    /// `X-Forwarded-For` that none of them has.
    func client(peer: IPAddress, forwardedFor: ByteRange, in head: Span<UInt8>) -> IPAddress {
        var client = peer
        var end = Int(forwardedFor.end)
        while end > Int(forwardedFor.start), trusts(client) {
            var start = end
            while start > Int(forwardedFor.start), head[start - 1] != UInt8(ascii: ",") {
                start -= 1
            }
            guard let next = IPAddress(parsing: head, ByteRange(start, end)) else { break }
            client = next
            end = max(start - 1, Int(forwardedFor.start))
        }
        return client
    }
}
