import Proxy
import TestSupport
import Testing

/// What goes out is the message that came in, by a reader that shares nothing with the product's.
@Suite("Forwarded messages are those that were sent")
struct ForwardedMessageTests {
    /// What must not change on the way: all but framing, trailers, and the fields of a single hop.
    private struct Essence: Equatable, CustomStringConvertible {
        let description: String

        init(
            method: String,
            target: String,
            fields: [HTTPField],
            body: [UInt8]
        ) {
            let named = fields.filter { $0.name.lowercased() == "connection" }
                .flatMap { $0.value.split(separator: ",") }
                .map { $0.trimmingBlanks().lowercased() }
            func lines(_ fields: [HTTPField]) -> [String] {
                fields.filter {
                    let name = $0.name.lowercased()
                    return !Self.hopFields.contains(name) && !named.contains(name)
                }
                .map { "\($0.name): \($0.value)" }
            }
            description = ([method, target] + lines(fields) + ["\(body)"]).joined(separator: "\n")
        }

        private static let hopFields: Set = [
            "connection", "keep-alive", "proxy-connection", "te", "upgrade", "transfer-encoding",
            "content-length", "host", "expect", "trailer", "max-forwards", "via", "forwarded",
            "x-slot",
            "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id",
        ]
    }

    /// What the bytes are by the reader of the tests, up to the first that is no whole request.
    private static func essences(of bytes: [UInt8]) throws -> [Essence] {
        let reader = try TestSupport.MessageReader(of: bytes)
        var all: [Essence] = []
        while let essence = try? essence(reader) { all.append(essence) }
        return all
    }

    private static func essence(_ reader: TestSupport.MessageReader) throws -> Essence? {
        try reader.passEmptyLine()
        guard let head = try reader.head() else { return nil }
        let parts = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw TestFailure("no request line") }
        var target = String(parts[1])
        if let scheme = target.firstRange(of: "://"), !target.hasPrefix("/") {
            let rest = target[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
            target = rest.hasPrefix("/") ? String(rest) : "/" + rest
        }
        var body: [UInt8] = []
        try reader.body(head.framing() ?? .none) { body += $0 }
        return Essence(
            method: String(parts[0]),
            target: target,
            fields: head.fields,
            body: body
        )
    }

    @Test func `mutated requests arrive as what they were, or not at all`() throws {
        let arrived = Monitor([String: Essence]())
        let origin = try OriginServer(keepsRecord: false) { exchange in
            var body: [UInt8] = []
            guard try exchange.readBody({ body += $0 }).isEmpty else {
                throw TestFailure("trailers have arrived")
            }
            let request = exchange.request
            let essence = Essence(
                method: request.method,
                target: request.target,
                fields: request.head.fields,
                body: body
            )
            let key = arrived.use { all in
                let key = "\(all.count)"
                all[key] = essence
                return key
            }
            try exchange.send(
                "HTTP/1.1 200 OK\r\nX-Arrival: \(key)\r\nContent-Length: 0\r\n\r\n"
            )
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        var random = SeededRandom(seed: MutationTests.seed &+ 99)
        var compared = 0

        for round in 0..<MutationTests.count {
            let original = MutationTests.requests[round % MutationTests.requests.count]
            let bytes = random.mutated(original)
            let sent = try Self.essences(of: bytes)
            let downstream = try proxy.connect()
            try? downstream.send(bytes)
            downstream.finishSending()
            var place = 0
            while let response = try? downstream.response(to: "GET") {
                if let key = response["X-Arrival"] {
                    let text = RawMessage(String(decoding: bytes, as: UTF8.self))
                    let essence = try #require(place < sent.count ? sent[place] : nil, "\(text)")
                    let forwarded = try #require(arrived.current[key])
                    #expect(forwarded == essence, "\(text)")
                    compared += 1
                }
                place += 1
            }
            arrived.use { $0 = [:] }
        }

        #expect(compared > MutationTests.count / 10)
    }
}
