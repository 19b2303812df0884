import Testing

@testable import Proxy

@Suite("HTTP version")
struct HTTPVersionTests {
    @Test(arguments: [("HTTP/1.1", HTTPVersion.http11), ("HTTP/1.0", .http10)])
    func `two versions are read`(text: String, version: HTTPVersion) throws {
        let (head, _) = try accepted(request: "GET / \(text)\r\nHost: a\r\n\r\n")

        #expect(head.version == version)
    }

    @Test(arguments: ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0", "HTTP/9.9", "HTTP/1.9"])
    func `other versions are well-formed and not supported`(text: String) {
        expectRefused(request: "GET / \(text)\r\nHost: a\r\n\r\n", .unsupportedVersion)
        expectRefused(response: "\(text) 200 OK\r\n\r\n", .unsupportedVersion)
        #expect(ParseError.unsupportedVersion.status == 505)
    }

    @Test func `the preface of HTTP/2 is told that the version is not supported`() {
        expectRefused(request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion)
    }

    @Test(arguments: [
        "http/1.1", "Http/1.1", "HTTP/1", "HTTP/11", "HTTP/1.", "HTTP/.1", "HTTP/a.b", "HTTP 1.1",
        "HTTP/1.10", "HTTP/1.1.1", "HTTP/-1.1", "HTTP/1,1", "XTTP/1.1", "HTTPS/1.1", "1.1", "H",
        "ICAP/1.0", "HTTP/1.1;", "\u{80}TTP/1.1", "HTTP\\1.1",
    ])
    func `anything else is malformed`(text: String) {
        expectRefused(request: "GET / \(text)\r\nHost: a\r\n\r\n", .badVersion)
    }
}
