/// A whole small request, copied out of the bytes it came in.
package struct PlainRequest: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        /// As written.
        package let name: [UInt8]
        package let value: [UInt8]
    }

    package let method: [UInt8]
    /// The target's path, without its query.
    package let path: [UInt8]
    /// What follows the target's `?`; nil without one.
    package let query: [UInt8]?
    package let fields: [Field]
    package let body: [UInt8]
    /// Whether the connection may serve another request.
    package let keepsAlive: Bool
}

/// Reads whole requests by the parser of the data plane, for servers that may copy and wait.
package enum MessageReader {
    package enum Reading: Sendable, Equatable {
        /// Bytes are missing; the downstream may wait for a 100 before it sends its body.
        case incomplete(expectsContinue: Bool)
        case complete(PlainRequest, byteCount: Int)
        /// Not a request that has one reading, or one beyond a limit; answer and close.
        case refused(status: Int, reason: [UInt8])
    }

    /// Bounds of a head; far more than any command of ours sends.
    static let headLimits = HeadLimits(headBytes: 16 * 1024, fields: 64, targetBytes: 4 * 1024)

    /// How much longer than its data a chunked body may be.
    static let chunkingFactorLimit = 4

    /// Reads the first request of `bytes`, whose body may have up to `bodyLimitBytes`.
    package static func read(_ bytes: [UInt8], bodyLimitBytes: Int) -> Reading {
        var fields = FieldTable()
        do throws(ParseError) {
            let head = try RequestHead.parse(bytes.span, limits: headLimits, fields: &fields)
            guard let head else { return .incomplete(expectsContinue: false) }
            if case .length(let count) = head.framing, count > UInt64(bodyLimitBytes) {
                return tooLarge
            }
            var body = Array(bytes[head.byteCount...])
            let (consumed, isComplete) = try takeBody(&body, head.framing)
            if body.count > bodyLimitBytes || consumed > bodyLimitBytes * chunkingFactorLimit {
                return tooLarge
            }
            guard isComplete else { return .incomplete(expectsContinue: head.expectsContinue) }
            let request = PlainRequest(bytes, head, fields, body: body)
            return .complete(request, byteCount: head.byteCount + consumed)
        } catch {
            return .refused(
                status: Int(error.status),
                reason: error.reason.withUTF8Buffer { unsafe Array($0) }
            )
        }
    }

    private static var tooLarge: Reading {
        .refused(status: 413, reason: Array("The body is larger than this server accepts.".utf8))
    }

    /// Leaves the payload alone in `body`; `consumed` counts what it took with its chunk framing.
    private static func takeBody(
        _ body: inout [UInt8],
        _ framing: BodyFraming
    ) throws(ParseError) -> (consumed: Int, isComplete: Bool) {
        var decoder = BodyDecoder(framing)
        var span = body.mutableSpan
        let (consumed, kept) = try decoder.unchunk(&span)
        body.removeSubrange(kept...)
        return (consumed, decoder.isComplete)
    }
}

extension PlainRequest {
    init(
        _ bytes: [UInt8],
        _ head: RequestHead,
        _ table: borrowing FieldTable,
        body: [UInt8]
    ) {
        method = Array(bytes[head.methodBytes.range])
        path = head.path.isEmpty ? [UInt8(ascii: "/")] : Array(bytes[head.path.range])
        let target = bytes[head.target.range]
        query = target.firstIndex(of: UInt8(ascii: "?")).map { Array(target[($0 + 1)...]) }
        fields = (0..<table.count).map { index in
            let field = table[index]
            return Field(
                name: Array(bytes[field.name.range]),
                value: Array(bytes[field.value.range])
            )
        }
        self.body = body
        keepsAlive = head.keepAlive
    }
}
