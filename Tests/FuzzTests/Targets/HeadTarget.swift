@testable import Proxy

/// Heads: cut anywhere they read the same, and a strict reader sees the same message.
enum HeadTarget {
    private static let limits = HeadLimits(headBytes: 2_048, fields: 30, targetBytes: 512)

    /// What one reading gave, without anything that depends on where the bytes stand.
    private enum Outcome: Equatable {
        case incomplete
        case refused(ParseError)
        case accepted(StrictHead, byteCount: Int, framing: BodyFraming, keepAlive: Bool)
    }

    static func checkRequest(_ bytes: [UInt8]) throws { try checkCuts(bytes, readRequest) }

    static func checkResponse(_ bytes: [UInt8]) throws { try checkCuts(bytes, readResponse) }

    private static func checkCuts(
        _ bytes: [UInt8],
        _ read: ([UInt8]) throws -> Outcome
    ) throws {
        let whole = try read(bytes)
        for cut in 0..<bytes.count {
            let part = try read(Array(bytes[..<cut]))
            if part == .incomplete {
                if case .accepted(_, let byteCount, _, _) = whole {
                    try promise(cut < byteCount, "a whole head of \(cut) bytes is incomplete")
                }
            } else {
                try promise(part == whole, "cut at \(cut): \(part), whole: \(whole)")
            }
        }
    }

    private static func readRequest(_ bytes: [UInt8]) throws -> Outcome {
        var fields = FieldTable()
        let parsed: RequestHead?
        do throws(ParseError) {
            parsed = try RequestHead.parse(bytes.span, limits: limits, fields: &fields)
        } catch { return .refused(error) }
        guard let head = parsed else { return .incomplete }
        let strict = try strict(bytes, head.byteCount, fields)
        let parts = strict.parts(4)
        try promise(parts.count == 3, "a request line of \(parts.count) parts")
        try promise(parts[0] == Array(bytes[head.methodBytes.range]), "another method")
        try promise(parts[1] == Array(bytes[head.target.range]), "another target")
        let version = head.version == .http11 ? "HTTP/1.1" : "HTTP/1.0"
        try promise(parts[2] == Array(version.utf8), "another version")
        try promise(strict.count("host") == 1 || head.version == .http10, "not one Host")
        try promise(!strict.has("content_length"), "an underscore in a length")
        return .accepted(
            strict,
            byteCount: head.byteCount,
            framing: try framing(head.framing, strict, .none),
            keepAlive: head.keepAlive
        )
    }

    private static func readResponse(_ bytes: [UInt8]) throws -> Outcome {
        var fields = FieldTable()
        let parsed: ResponseHead?
        do throws(ParseError) {
            parsed = try ResponseHead.parse(
                bytes.span,
                requestMethod: .get,
                limits: limits,
                fields: &fields
            )
        } catch { return .refused(error) }
        guard let head = parsed else { return .incomplete }
        let strict = try strict(bytes, head.byteCount, fields)
        let parts = strict.parts(3)
        try promise(parts.count >= 2, "a status line of one part")
        try promise(parts[1] == Array("\(head.status)".utf8), "another status")
        let hasBody = head.status >= 200 && head.status != 204 && head.status != 304
        if hasBody { _ = try framing(head.framing, strict, .untilClose) }
        return .accepted(
            strict,
            byteCount: head.byteCount,
            framing: head.framing,
            keepAlive: head.keepAlive
        )
    }

    /// The head as the strict reader has it, with the fields that ours has.
    private static func strict(
        _ bytes: [UInt8],
        _ count: Int,
        _ fields: borrowing FieldTable
    ) throws -> StrictHead {
        guard let strict = StrictHead(bytes[..<count]) else {
            throw FuzzFinding("accepted, and no head by a strict reading")
        }
        try promise(strict.names.count == fields.count, "another number of fields")
        for index in 0..<fields.count {
            let field = fields[index]
            try promise(strict.names[index] == Array(bytes[field.name.range]), "another name")
            try promise(strict.values[index] == Array(bytes[field.value.range]), "another value")
        }
        return strict
    }

    /// `ours`, when the strict reader comes to the same.
    private static func framing(
        _ ours: BodyFraming,
        _ strict: StrictHead,
        _ absent: BodyFraming
    ) throws -> BodyFraming {
        let lengths = strict.all("content-length")
        let codings = strict.all("transfer-encoding")
        try promise(lengths.count + codings.count <= 1, "two lengths")
        var theirs = absent
        if let length = lengths.first {
            guard let number = UInt64(String(decoding: length, as: UTF8.self)),
                length.first != 0x2B
            else { throw FuzzFinding("a length that is no number") }
            theirs = .length(number)
        }
        if let coding = codings.first {
            let name = String(decoding: coding, as: UTF8.self).lowercased()
            try promise(name == "chunked", "a coding that is not chunked")
            theirs = .chunked
        }
        try promise(ours == theirs, "framed as \(ours), strictly as \(theirs)")
        return ours
    }
}

extension StrictHead {
    /// The values of a field.
    func all(_ name: String) -> [[UInt8]] {
        zip(names, values).filter { String(decoding: $0.0, as: UTF8.self).lowercased() == name }
            .map(\.1)
    }

    func count(_ name: String) -> Int { all(name).count }

    func has(_ name: String) -> Bool { count(name) > 0 }
}
