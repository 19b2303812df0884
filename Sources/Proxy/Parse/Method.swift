/// A request method (RFC 9110 §9); names are case-sensitive.
enum Method: UInt8, CaseIterable {
    case get, head, post, put, delete, connect, options, trace, patch, other

    /// Longer ones are refused as unknown; the longest registered one has 17 (RFC 4437).
    static let byteLimit = 32

    /// Whether sending it twice means the same as once (RFC 9110 §9.2.2).
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .connect, .patch, .other: false
        }
    }

    /// The name for metrics and log.
    var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: "OTHER"
        }
    }

    /// The method with this name, which is given without the space behind it.
    init(_ name: ByteWord) {
        self =
            switch name {
            case ByteWord("GET"): .get
            case ByteWord("HEAD"): .head
            case ByteWord("POST"): .post
            case ByteWord("PUT"): .put
            case ByteWord("DELETE"): .delete
            case ByteWord("CONNECT"): .connect
            case ByteWord("OPTIONS"): .options
            case ByteWord("TRACE"): .trace
            case ByteWord("PATCH"): .patch
            default: .other
            }
    }
}
