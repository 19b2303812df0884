import Testing

@testable import Proxy

/// A request written down for the routing tests.
struct RouteRequest {
    let bytes: [UInt8]

    init(
        _ target: String,
        method: String = "GET",
        host: String = "example.org",
        fields: [(String, String)] = []
    ) {
        let lines = [("Host", host)] + fields
        let text = lines.map { "\($0): \($1)\r\n" }.joined()
        bytes = Array("\(method) \(target) HTTP/1.1\r\n\(text)\r\n".utf8)
    }

    /// Calls `body` with the parsed head and its fields.
    func parsed<Result>(
        _ body: (RequestHead, borrowing FieldTable) -> Result
    ) throws -> Result {
        var fields = FieldTable()
        let limits = HeadLimits(headBytes: 32_768, fields: 100, targetBytes: 8_192)
        let head = try RequestHead.parse(bytes.span, limits: limits, fields: &fields)
        return body(try #require(head), fields)
    }
}

extension RouteTable {
    func service(_ request: RouteRequest) throws -> Int? { try route(request)?.service }

    func route(_ request: RouteRequest) throws -> Match? {
        try request.parsed { head, fields in
            route(
                head: request.bytes.span,
                path: head.path,
                authority: head.authority,
                method: head.methodBytes,
                fields: fields
            )
        }
    }
}
