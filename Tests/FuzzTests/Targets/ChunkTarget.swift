@testable import Proxy

/// Chunked bodies: in pieces they give what they give as a whole, and a strict reader agrees.
enum ChunkTarget {
    private struct Outcome: Equatable {
        var payload: [UInt8] = []
        var consumed = 0
        var isComplete = false
        var error: ParseError?
    }

    /// The first byte says how long the pieces are.
    static func check(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        let whole = read(body, pieceBytes: max(1, body.count))
        let pieces = read(body, pieceBytes: Int(first % 16) + 1)

        try promise(pieces.error == whole.error, "\(pieces), whole: \(whole)")
        guard whole.error == nil else { return }
        try promise(pieces == whole, "\(pieces), whole: \(whole)")
        try promise(counted(body) == whole.consumed, "another end when it is only counted")
        if whole.isComplete {
            let strict = strictPayload(body[..<whole.consumed])
            try promise(strict == whole.payload, "\(whole.payload), strictly \(strict ?? [])")
        }
    }

    private static func read(_ bytes: [UInt8], pieceBytes: Int) -> Outcome {
        var decoder = BodyDecoder(.chunked)
        var outcome = Outcome()
        var offset = 0
        while offset < bytes.count, !decoder.isComplete {
            var piece = Array(bytes[offset..<min(bytes.count, offset + pieceBytes)])
            do throws(ParseError) {
                var span = piece.mutableSpan
                let (consumed, kept) = try decoder.unchunk(&span)
                outcome.payload += piece[..<kept]
                outcome.consumed += consumed
                offset += piece.count
            } catch {
                outcome.error = error
                return outcome
            }
        }
        outcome.isComplete = decoder.isComplete
        return outcome
    }

    /// How many bytes belong to the body, by the way of bodies that pass in their chunks.
    private static func counted(_ bytes: [UInt8]) -> Int? {
        var decoder = BodyDecoder(.chunked)
        return try? decoder.take(bytes.span)
    }

    /// The payload of one whole body; nil when it is none.
    private static func strictPayload(_ body: ArraySlice<UInt8>) -> [UInt8]? {
        var (rest, payload) = (body, [UInt8]())
        while true {
            guard let line = takeLine(&rest) else { return nil }
            let digits = line.prefix { $0 != 0x3B }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            if size == 0 { break }
            guard rest.count >= size + 2 else { return nil }
            payload += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard takeLine(&rest)?.isEmpty == true else { return nil }
        }
        while let line = takeLine(&rest) {
            if line.isEmpty { return rest.isEmpty ? payload : nil }
        }
        return nil
    }

    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let feed = rest.firstIndex(of: 0x0A), feed > rest.startIndex,
            rest[feed - 1] == 0x0D
        else { return nil }
        let line = rest[..<(feed - 1)]
        rest = rest[(feed + 1)...]
        return line
    }
}
