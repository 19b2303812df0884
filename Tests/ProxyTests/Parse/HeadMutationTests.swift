import Testing

@testable import Proxy

/// A small generator of random numbers that repeats (SplitMix64).
private struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Bytes that heads and chunks turn on are more likely than others.
    private mutating func byte() -> UInt8 {
        let likely = raw("\r\n\r\n\t :,;0159afx-_/?#*@[]=\u{0}\u{7F}\u{80}\u{FF}")
        if Bool.random(using: &self) { return likely.randomElement(using: &self) ?? 0 }
        return .random(in: .min ... .max, using: &self)
    }

    /// The bytes with one to four changes: a byte put in, taken out or replaced, or a run repeated.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: bytes.insert(byte(), at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count:
                let end = min(bytes.count, place + .random(in: 1...40, using: &self))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3 where place < bytes.count:
                bytes.removeSubrange(place..<min(bytes.count, place + 3))
            default: if place < bytes.count { bytes[place] = byte() }
            }
        }
        return bytes
    }
}

/// Whatever the bytes, a head that is accepted keeps promises that are checked here the slow way.
@Suite("Mutated heads and bodies")
struct HeadMutationTests {
    private static let seed: UInt64 = 0x5EED_0F_5111C7_0A7D
    private static let rounds = 20_000

    private static let requests = [
        RequestHeadTests.browser,
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nPOST /a?b HTTP/1.0\r\nContent-Length: 12\r\nConnection: x-a, keep-alive\r\nX-A: b\r\n\r\n",
        "PUT http://a:80/b HTTP/1.1\r\nHost: [::1]:8080\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket, h2c\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    ].map(raw)

    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nDate: x\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Type: text/plain\r\n\r\n",
        "HTTP/1.1 204\r\nContent-Length: 0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    ].map(raw)

    @Test func `requests stay within their promises`() {
        var mutator = Mutator(seed: Self.seed)
        var accepted = 0
        for round in 0..<Self.rounds {
            let bytes = mutator.mutated(Self.requests[round % Self.requests.count])
            let reading = readRequest(bytes)
            if let head = reading.head {
                accepted += 1
                let host = reading.fields.filter { $0.name.lowercased() == "host" }.count
                #expect(host == 1 || host == 0 && head.version == .http10)
                checkLines(bytes, reading, framing: head.framing)
            }
            checkCut(bytes, reading, at: .random(in: 0...bytes.count, using: &mutator)) {
                readRequest($0)
            }
        }
        // Without either the mutations would test nothing.
        #expect((1_000..<Self.rounds - 1_000).contains(accepted))
    }

    @Test func `responses stay within their promises`() {
        var mutator = Mutator(seed: Self.seed)
        var accepted = 0
        for round in 0..<Self.rounds {
            let bytes = mutator.mutated(Self.responses[round % Self.responses.count])
            let reading = readResponse(bytes)
            if let head = reading.head {
                accepted += 1
                #expect((100...599).contains(head.status))
                checkLines(bytes, reading, framing: head.framing)
            }
            checkCut(bytes, reading, at: .random(in: 0...bytes.count, using: &mutator)) {
                readResponse($0)
            }
        }
        #expect((1_000..<Self.rounds - 1_000).contains(accepted))
    }

    @Test func `chunks give the same in one piece and in three`() {
        var mutator = Mutator(seed: Self.seed)
        var complete = 0
        for round in 0..<Self.rounds {
            let body = ChunkedDecoderTests.bodies[round % ChunkedDecoderTests.bodies.count].body
            let bytes = mutator.mutated(raw(body))
            let first = Int.random(in: 0...bytes.count, using: &mutator)
            let second = Int.random(in: first...bytes.count, using: &mutator)
            let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]

            let whole = unchunk(.chunked, [bytes[...]])
            let inPieces = unchunk(.chunked, pieces)
            let taken = take(.chunked, pieces)

            #expect(inPieces.error == whole.error, "\(pieces)")
            #expect(taken.error == whole.error)
            if whole.error == nil {
                #expect(inPieces == whole)
                #expect(taken.consumed == whole.consumed)
                #expect(whole.payload.count <= whole.consumed)
                #expect(whole.isComplete || whole.consumed == bytes.count)
                if whole.isComplete { complete += 1 }
            }
        }
        #expect((1_000..<Self.rounds - 1_000).contains(complete))
    }

    @Test func `bytes at random are never taken for a head`() {
        var mutator = Mutator(seed: Self.seed)
        for _ in 0..<Self.rounds / 4 {
            let count = Int.random(in: 0...64, using: &mutator)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &mutator) }

            #expect(readRequest(bytes).head == nil)
            #expect(readResponse(bytes).head == nil)
            _ = take(.chunked, [bytes[...]])
        }
    }

    /// A head cut short is incomplete or gives what the whole gives.
    private func checkCut<Head>(
        _ bytes: [UInt8],
        _ whole: Reading<Head>,
        at cut: Int,
        _ read: (ArraySlice<UInt8>) -> Reading<Head>
    ) {
        let part = read(bytes[..<cut])
        if case .complete(_, _, let byteCount) = whole, cut >= byteCount {
            #expect(part.summary == whole.summary, "\(cut) of \(bytes)")
        } else {
            let agrees = part.summary == "incomplete" || part.summary == whole.summary
            #expect(agrees, "\(cut) of \(bytes)")
        }
    }

    /// What every accepted head has, looked at line by line.
    private func checkLines<Head>(
        _ bytes: [UInt8],
        _ reading: Reading<Head>,
        framing: BodyFraming
    ) {
        guard case .complete(_, let fields, let byteCount) = reading else { return }
        let head = bytes[..<byteCount]
        #expect(head.suffix(4) == raw("\r\n\r\n")[...])
        #expect(!head.contains { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) || $0 == 0x7F })
        var isBehindCarriageReturn = false
        for byte in head {
            #expect(isBehindCarriageReturn == (byte == 0x0A))
            isBehindCarriageReturn = byte == 0x0D
        }
        let lines = head.split(separator: 0x0A).map { $0.dropLast() }.filter { !$0.isEmpty }
        #expect(lines.count == fields.count + 1, "\(bytes)")
        for (line, field) in zip(lines.dropFirst(), fields) {
            #expect(line.starts(with: raw(field.name + ":")))
            #expect(raw(field.name).allSatisfy { ByteClass.token.contains($0) })
        }
        let names = fields.map { $0.name.lowercased() }
        let lengths = names.filter { $0 == "content-length" }.count
        let codings = names.filter { $0 == "transfer-encoding" }.count
        #expect(lengths + codings <= 1, "\(bytes)")
        if framing == .chunked { #expect(codings == 1) }
        if case .length = framing { #expect(lengths == 1) }
        #expect(!names.contains("content_length") && !names.contains("transfer_encoding"))
    }
}
