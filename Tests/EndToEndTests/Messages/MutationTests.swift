import CLinux
import Glibc
import Proxy
import Synchronization
import TestSupport
import Testing

/// Mutated messages over real connections: the proxy lives on, and forwards nothing ambiguous.
@Suite("Mutated messages on the wire", .serialized)
struct MutationTests {
    static let seed: UInt64 = 0x5EED_4F_BAD_B17E5
    private static let clients = 4
    /// Mutated messages between two honest requests of a client.
    private static let honestEvery = 100

    /// How many, from `SWITCHYARD_MUTATIONS`; `make mutate` sets it for its long run.
    static let count: Int = {
        let given = unsafe getenv("SWITCHYARD_MUTATIONS").flatMap {
            Int(unsafe String(cString: $0))
        }
        return given ?? Scale.of(4_000, floor: 400)
    }()

    static let requests = [
        "GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nCookie: a=1\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n"
            + "X-Sum: 1\r\n\r\n",
        "PUT http://a:80/u HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 2\r\n\r\nok",
        "GET /k HTTP/1.0\r\nConnection: keep-alive, x-a\r\nX-A: b\r\n\r\nGET /l HTTP/1.0\r\n\r\n",
        "GET /w HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\nTE: trailers\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 9\r\n\r\n",
    ].map { Array($0.utf8) }

    @Test func `mutated requests are answered or refused, and honest ones served meanwhile`()
        throws
    {
        let origin = try OriginServer { try $0.respond(body: "ok") }
        let proxy = try ProxyUnderTest(blue: origin)
        let each = Self.count / Self.clients

        let answered = try inThreads(Self.clients) { client in
            var random = SeededRandom(seed: Self.seed &+ UInt64(client))
            var answered = 0
            for round in 0..<each {
                let bytes = random.mutated(Self.requests[round % Self.requests.count])
                let downstream = try proxy.connect()
                // It may have been refused and closed before all was sent.
                try? downstream.send(bytes)
                downstream.finishSending()
                let answer = (try? downstream.bytesUntilEnd()) ?? []
                guard answer.isEmpty || answer.starts(with: Array("HTTP/1.1 ".utf8)) else {
                    throw TestFailure("\(RawMessage(String(decoding: bytes, as: UTF8.self)))")
                }
                if !answer.isEmpty { answered += 1 }
                if round.isMultiple(of: Self.honestEvery) {
                    guard try proxy.get("/honest").status == 200 else {
                        throw TestFailure("an honest client was not served in round \(round)")
                    }
                }
            }
            return answered
        }

        #expect(origin.violations.isEmpty, "\(origin.violations.prefix(3))")
        // Nearly all get one; without any the mutations would test nothing.
        #expect(answered.reduce(0, +) > each)
        #expect(try proxy.get("/last").status == 200)
    }

    @Test func `mutated responses arrive as one message or not at all`() throws {
        let counter = Monitor(SeededRandom(seed: Self.seed))
        let origin = try OriginServer { exchange in
            if exchange.request.target == "/honest" { return try exchange.respond(body: "ok") }
            try exchange.body()
            let bytes = counter.use { random in
                let original = Self.responses[Int.random(in: 0..<5, using: &random)]
                return random.mutated(original)
            }
            try exchange.send(bytes)
            exchange.close()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let each = Self.count / Self.clients / 4

        let whole = try inThreads(Self.clients) { _ in
            var whole = 0
            for round in 0..<each {
                do {
                    _ = try proxy.get("/mutated")
                    whole += 1
                } catch WireFailure.malformed(let what) {
                    throw TestFailure("a client got what is no response: \(what)")
                } catch {
                    // Broken off in its body, as it has to be.
                }
                if round.isMultiple(of: Self.honestEvery) {
                    let text = try proxy.get("/honest").text
                    guard text == "ok" else { throw TestFailure("an honest client got \(text)") }
                }
            }
            return whole
        }

        #expect(origin.violations.isEmpty, "\(origin.violations.prefix(3))")
        #expect(whole.reduce(0, +) > each)
        #expect(try proxy.get("/honest").text == "ok")
    }
}

extension SeededRandom {
    /// Bytes that messages turn on are more likely than others.
    private mutating func byte() -> UInt8 {
        let likely = Array("\r\n\r\n\t :,;0159afx-_/?#*@[]=".utf8) + [0, 0x7F, 0x80, 0xFF]
        if Bool.random(using: &self) { return likely.randomElement(using: &self) ?? 0 }
        return .random(in: .min ... .max, using: &self)
    }

    /// The bytes with one to four changes: put in, taken out, replaced, or a run repeated.
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
