import Proxy
import TestSupport
import Testing

@Suite("Ambiguous requests")
struct AmbiguousRequestTests {
    /// Heads, and what follows them, that have more readings than one.
    static let ambiguous: [RawMessage] =
        ([
            // RFC 9112 §6.1 and §6.3: lengths.
            "POST /x HTTP/1.1|Host: a|Content-Length: 3|Transfer-Encoding: chunked||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 3||0||",
            "POST /x HTTP/1.1|Host: a|Content-Length: 3|Content-Length: 4||abcd",
            "POST /x HTTP/1.1|Host: a|Content-Length: 3, 4||abcd",
            "POST /x HTTP/1.1|Host: a|Content-Length: +3||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: -3||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: 0x3||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: 3 3||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: 3,||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length:||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: 3.0||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length: 18446744073709551617||a",
            "POST /x HTTP/1.1|Host: a|Content-Length: 99999999999999999999999999||a",
            // RFC 9112 §6.1: transfer codings.
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: gzip||abc",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: chunked, gzip||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: identity||abc",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: \"chunked\"||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: \u{B}chunked||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding:||0||",
            "POST /x HTTP/1.1|Host: a|Transfer-Encoding: chunked;q=1||0||",
            "POST /x HTTP/1.0|Host: a|Transfer-Encoding: chunked||0||",
            // RFC 9112 §5: field lines.
            "POST /x HTTP/1.1|Host: a|Content-Length : 3||abc",
            "POST /x HTTP/1.1|Host: a|Content-Length\t: 3||abc",
            "GET /x HTTP/1.1|Host: a|X-Folded: one| two||",
            "GET /x HTTP/1.1|Host: a|X-Folded: one|\ttwo||",
            "GET /x HTTP/1.1| Host: a||",
            "GET /x HTTP/1.1|Host: a|no colon||",
            "GET /x HTTP/1.1|Host: a|: no name||",
            "GET /x HTTP/1.1|Host: a|X-Bad(name): 1||",
            // RFC 9112 §3: request lines.
            "GET  /x HTTP/1.1|Host: a||", "GET /x  HTTP/1.1|Host: a||",
            "GET\t/x\tHTTP/1.1|Host: a||", " GET /x HTTP/1.1|Host: a||",
            "GET /x y HTTP/1.1|Host: a||", "GET /x HTTP/1.1 |Host: a||",
            "GET /x http/1.1|Host: a||", "GET /x HTTP/1.11|Host: a||", "GET /x|Host: a||",
            "G(T /x HTTP/1.1|Host: a||", "GET x HTTP/1.1|Host: a||",
            "GET /\u{7F} HTTP/1.1|Host: a||", "GET /x#y HTTP/1.1|Host: a||",
            // RFC 9112 §3.2: hosts.
            "GET /x HTTP/1.1|X-A: 1||", "GET /x HTTP/1.1|Host: a|Host: a||",
            "GET /x HTTP/1.1|Host: a b||", "GET /x HTTP/1.1|Host: a, b||",
            "GET /x HTTP/1.1|Host: a/b||", "GET /x HTTP/1.1|Host: u@a||",
        ].map { $0.replacing("|", with: "\r\n") }
        + [
            // RFC 9112 §2.2: bare CR, bare LF, NUL.
            "GET /x HTTP/1.1\r\nHost: a\r\nX-A: 1\r2\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX-A: 1\rX-B: 2\r\n\r\n",
            "GET /x HTTP/1.1\nHost: a\n\n", "GET /x HTTP/1.1\r\nHost: a\nX-A: 1\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\n\nX", "GET /x HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX-A: 1\u{0}2\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX\u{0}A: 1\r\n\r\n",
            "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", "\u{0}GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ]).map { RawMessage($0) }

    @Test(arguments: ambiguous)
    func `an ambiguous head is answered with 400 and nothing of it is passed on`(
        request: RawMessage
    ) throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(request.text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let response = try downstream.response()

        try expectError(response, status: 400)
        #expect(response.saysClose)
        try downstream.expectEnd()
        #expect(origin.requests.isEmpty)
        #expect(origin.violations.isEmpty)
    }

    /// Bodies with a broken chunk somewhere.
    static let badChunks = [
        "g\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "3;a=\u{0}\r\nabc\r\n0\r\n\r\n", "3;\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\nX-A : 1\r\n\r\n", "3\r\nabc\r\n0\r\nX-A: 1\r\n folded\r\n\r\n",
        "3\r\nabc\r\n0\r\n\n", "3\r\nabc\r\n0\r\nX-A: \u{0}\r\n\r\n",
    ].map { RawMessage($0) }

    @Test(arguments: badChunks)
    func `a body with a bad chunk is answered with 400 and never completed`(body: RawMessage) throws
    {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body.text)"
                + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let response = try downstream.response(to: "POST")

        try expectError(response, status: 400)
        #expect(response.saysClose)
        try downstream.expectEnd()
        #expect(origin.requests.allSatisfy { $0.target == "/x" && !$0.isComplete })
        #expect(origin.violations.isEmpty)
    }

    @Test func `a body that the client breaks off is never completed for the origin`() throws {
        let broken = Monitor<WireFailure?>(nil)
        let origin = try OriginServer { exchange in
            do { try exchange.body() } catch let failure as WireFailure {
                broken.use { $0 = failure }
                throw failure
            }
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
        try origin.waitForRequests(1)
        downstream.close()

        let failure = try broken.wait(for: "the broken body") { $0 }
        #expect(failure.isBrokenOff)
    }
}
