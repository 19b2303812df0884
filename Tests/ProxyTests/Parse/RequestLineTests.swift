import Testing

@testable import Proxy

@Suite("Request line")
struct RequestLineTests {
    private static let host = "Host: a\r\n\r\n"

    @Test func `a line is method, target and version with one space between`() throws {
        let text = "GET /a/b?c=d HTTP/1.1\r\n" + Self.host

        let (head, _) = try accepted(request: text)

        let bytes = raw(text)
        #expect(string(bytes, head.methodBytes) == "GET")
        #expect(string(bytes, head.target) == "/a/b?c=d")
        #expect(string(bytes, head.path) == "/a/b")
        #expect(head.method == .get)
        #expect(head.form == .origin)
        #expect(head.version == .http11)
        #expect(head.byteCount == bytes.count)
    }

    @Test func `one empty line before a request is skipped and counted`() throws {
        let text = "\r\nPOST / HTTP/1.1\r\n" + Self.host

        let (head, _) = try accepted(request: text)

        #expect(string(raw(text), head.methodBytes) == "POST")
        #expect(head.byteCount == text.utf8.count)
    }

    @Test(arguments: [
        ("\r\n\r\nGET / HTTP/1.1\r\n", ParseError.bareLineBreak),
        ("\nGET / HTTP/1.1\r\n", .bareLineBreak),
        ("\rGET / HTTP/1.1\r\n", .bareLineBreak),
        (" GET / HTTP/1.1\r\n", .badMethod),
        ("\tGET / HTTP/1.1\r\n", .badMethod),
        ("GET\t/ HTTP/1.1\r\n", .badMethod),
        ("G@T / HTTP/1.1\r\n", .badMethod),
        ("G\u{0}T / HTTP/1.1\r\n", .badMethod),
        ("G\u{C9}T / HTTP/1.1\r\n", .badMethod),
        ("GET\r\n", .badMethod),
        ("GET\n", .badMethod),
        ("(GET) / HTTP/1.1\r\n", .badMethod),
        ("{\"json\":1}\r\n", .badMethod),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", .badMethod),
        ("GET  / HTTP/1.1\r\n", .badTarget),
        ("GET /  HTTP/1.1\r\n", .badVersion),
        ("GET / HTTP/1.1 \r\n", .badVersion),
        ("GET / HTTP/1.1\n", .bareLineBreak),
        ("GET / HTTP/1.1\r\r\n", .bareLineBreak),
        ("GET / HTTP/1.1\rX\n", .bareLineBreak),
        ("GET /\r\n", .missingVersion),
        ("GET /\n", .badTarget),
        ("GET \r\n", .badTarget),
        ("GET / \r\n", .badVersion),
    ])
    func `a malformed line is refused`(line: String, error: ParseError) {
        expectRefused(request: line + Self.host, error)
    }

    @Test func `an unknown method passes as long as its name has 32 bytes at most`() throws {
        let name = String(repeating: "M", count: 32)

        let (head, _) = try accepted(request: "\(name) / HTTP/1.1\r\n" + Self.host)

        #expect(head.method == .other)
        #expect(head.methodBytes.count == 32)
        expectRefused(request: "\(name)M / HTTP/1.1\r\n" + Self.host, .methodTooLong)
    }

    @Test func `CONNECT is refused as a method that is not implemented`() {
        expectRefused(request: "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", .connectMethod)

        #expect(ParseError.connectMethod.status == 501)
    }
}
