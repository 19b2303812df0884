import TestSupport
import Testing

@testable import Proxy

@Suite("Chunked decoder")
struct ChunkedDecoderTests {
    /// Each body, its payload, and how many bytes of it belong to the body.
    static let bodies: [(body: String, payload: String)] = [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef"),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("000000000000000a\r\n0123456789\r\n0000\r\n\r\n", "0123456789"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n"),
        ("3;\r\nabc\r\n0;\r\n\r\n", "abc"),
        ("3;a=b\r\nabc\r\n0;x=\"y;z\"\r\n\r\n", "abc"),
        ("3;a =\t\"b\u{FF}\"; c\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "abc"),
        ("3\r\nabc\r\n0\r\nX-A:\r\nx-b:\t c\u{80} \r\n~: d\r\n\r\n", "abc"),
        ("0\r\nhosts: a\r\ncontent-lengths: 1\r\nx-content-length: 1\r\n\r\n", ""),
    ]

    @Test(arguments: bodies.indices)
    func `a body is taken to its last byte, however the bytes come`(row: Int) {
        let (body, payload) = (raw(Self.bodies[row].body), raw(Self.bodies[row].payload))
        let next = raw("GET / HTTP/1.1")

        for (first, rest) in everySplit(of: body + next) {
            let taken = take(.chunked, [first, rest])
            let unchunked = unchunk(.chunked, [first, rest])

            #expect(taken.error == nil)
            #expect(taken.isComplete)
            #expect(taken.consumed == body.count)
            #expect(unchunked.consumed == body.count)
            #expect(unchunked.isComplete)
            #expect(unchunked.payload == payload)
        }
    }

    @Test(arguments: bodies.indices)
    func `a body is taken byte by byte too`(row: Int) {
        let body = raw(Self.bodies[row].body)

        let unchunked = unchunk(.chunked, body.indices.map { body[$0...$0] })

        #expect(unchunked.payload == raw(Self.bodies[row].payload))
        #expect(unchunked.consumed == body.count)
        #expect(unchunked.isComplete)
    }

    @Test(arguments: bodies.indices)
    func `a body that is cut off is not complete`(row: Int) {
        let body = raw(Self.bodies[row].body)

        for (first, _) in everySplit(of: body).dropLast() {
            let taken = take(.chunked, [first])

            #expect(taken.consumed == first.count)
            #expect(!taken.isComplete)
        }
    }

    static let refusals: [(body: String, error: ParseError)] = [
        ("\r\n", .badChunkSize),
        ("\n", .badChunkSize),
        (" 5\r\nhello\r\n", .badChunkSize),
        ("5 \r\nhello\r\n", .badChunkSize),
        ("5\t;a\r\nhello\r\n", .badChunkSize),
        ("5 ;a\r\nhello\r\n", .badChunkSize),
        ("+5\r\nhello\r\n", .badChunkSize),
        ("-5\r\nhello\r\n", .badChunkSize),
        ("0x5\r\nhello\r\n", .badChunkSize),
        ("5h\r\nhello\r\n", .badChunkSize),
        ("g\r\n", .badChunkSize),
        (";a=b\r\n", .badChunkSize),
        ("5_0\r\n", .badChunkSize),
        ("\u{0}\r\n", .badChunkSize),
        ("\u{FF}\r\n", .badChunkSize),
        ("5\nhello\r\n", .badChunkSize),
        ("5\rhello\r\n", .badChunkSize),
        ("5\r\rhello\r\n", .badChunkSize),
        ("00000000000000005\r\nhello\r\n", .badChunkSize),
        ("10000000000000000\r\n", .badChunkSize),
        ("8000000000000000\r\n", .chunkTooLarge),
        ("ffffffffffffffff\r\n", .chunkTooLarge),
        ("5;a\nhello\r\n", .badChunkExtension),
        ("5;a\u{0}\r\nhello\r\n", .badChunkExtension),
        ("5;a\u{7F}\r\nhello\r\n", .badChunkExtension),
        ("5;a\rb\r\nhello\r\n", .badChunkSize),
        ("5\r\nhello0\r\n\r\n", .badChunkEnd),
        ("5\r\nhello!\r\n", .badChunkEnd),
        ("5\r\nhello\n0\r\n\r\n", .badChunkEnd),
        ("5\r\nhello\r0\r\n\r\n", .badChunkEnd),
        ("4\r\nhello\r\n", .badChunkEnd),
        ("6\r\nhello\r\n0\r\n", .badChunkEnd),
        ("5\r\nhello\r\n\r\n", .badChunkSize),
        ("0\r\nX\r\n\r\n", .badTrailer),
        ("0\r\nX-A b\r\n\r\n", .badTrailer),
        ("0\r\nX-A : b\r\n\r\n", .badTrailer),
        ("0\r\n: b\r\n\r\n", .badTrailer),
        ("0\r\n X: b\r\n\r\n", .badTrailer),
        ("0\r\nX: a\r\n b\r\n\r\n", .badTrailer),
        ("0\r\nX: a\n\r\n", .badTrailer),
        ("0\r\nX: a\rb\r\n", .badTrailer),
        ("0\r\nX: \u{0}\r\n\r\n", .badTrailer),
        ("0\r\nX\u{E4}: a\r\n\r\n", .badTrailer),
        ("0\r\n\rX", .badTrailer),
        ("0\r\n\n", .badTrailer),
    ]

    @Test(arguments: refusals.indices)
    func `a malformed body is refused, however the bytes come`(row: Int) {
        let (body, error) = Self.refusals[row]
        let bytes = raw(body)

        for (first, rest) in everySplit(of: bytes) {
            let taken = take(.chunked, [first, rest])
            let unchunked = unchunk(.chunked, [first, rest])

            #expect(taken.error == error, "\(first.count) bytes of \(body.debugDescription)")
            #expect(unchunked.error == error)
        }
    }

    @Test(arguments: FieldName.allCases.filter { $0.rules.contains(.noTrailer) })
    func `a trailer that frames, routes or authorises is refused`(name: FieldName) {
        let underscored = String("\(name.text)".map { $0 == "-" ? "_" : $0 })
        for written in ["\(name.text)", "\(name.text)".uppercased(), underscored] {
            let body = raw("0\r\nX-A: b\r\n\(written): c\r\n\r\n")

            #expect(take(.chunked, [body[...]]).error == .trailerNotAllowed)
        }
    }

    @Test func `an extension of as many bytes as the limit has passes, and one more does not`() {
        let limit = ChunkedDecoder.extensionLimitBytes
        func body(_ count: Int) -> [UInt8] {
            raw("1;" + String(repeating: "x", count: count - 1) + "\r\na\r\n0\r\n\r\n")
        }

        #expect(take(.chunked, [body(limit)[...]]).isComplete)
        #expect(take(.chunked, [body(limit + 1)[...]]).error == .chunkExtensionTooLong)
    }

    @Test func `every chunk may have an extension of that length`() {
        let chunk = "1;" + String(repeating: "x", count: 255) + "\r\na\r\n"

        let taken = take(.chunked, [raw(chunk + chunk + "0\r\n\r\n")[...]])

        #expect(taken.isComplete)
    }

    @Test func `trailers of as many bytes as the limit has pass, and one more does not`() {
        // The line "x: …" CR LF and the last CR LF.
        func body(_ count: Int) -> [UInt8] {
            raw("0\r\nx: " + String(repeating: "y", count: count - 7) + "\r\n\r\n")
        }

        #expect(take(.chunked, [body(ChunkedDecoder.trailersLimitBytes)[...]]).isComplete)
        #expect(
            take(.chunked, [body(ChunkedDecoder.trailersLimitBytes + 1)[...]]).error
                == .trailersTooLarge
        )
    }

    @Test func `as many trailers as the limit has pass, and one more does not`() {
        func body(_ count: Int) -> [UInt8] {
            raw("0\r\n" + String(repeating: "x: y\r\n", count: count) + "\r\n")
        }

        #expect(take(.chunked, [body(ChunkedDecoder.trailerLinesLimit)[...]]).isComplete)
        #expect(
            take(.chunked, [body(ChunkedDecoder.trailerLinesLimit + 1)[...]]).error
                == .tooManyTrailers
        )
    }

    @Test func `the largest chunk is counted and waited for`() throws {
        var decoder = BodyDecoder(.chunked)
        let bytes = raw("7fffffffffffffff\r\nsome")

        let taken = try decoder.take(bytes.span)

        #expect(taken == bytes.count)
        #expect(!decoder.isComplete)
    }

    @Test func `a chunk of a megabyte is moved as a whole`() {
        let data = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let body = raw("100000\r\n") + data + raw("\r\n0\r\n\r\n")

        let unchunked = unchunk(.chunked, [body[...]])

        #expect(unchunked.payload == data)
        #expect(unchunked.isComplete)
    }

    @Test func `names have the hash of their lower case with hyphens`() {
        let written: [StaticString] = ["X_FORWARDED_FOR", "x-forwarded-for", "X-Forwarded_For"]

        #expect(Set(written.map(NameHash.of)).count == 1)
        #expect(NameHash.of("host") != NameHash.of("hosts"))
        #expect(NameHash.of("a") == 0xAF63_DC4C_8601_EC8C)
    }
}
