import Testing

@testable import Proxy

@Suite("Host and authority")
struct AuthorityTests {
    private func request(_ host: String) -> String { "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n" }

    @Test(arguments: [
        "a", "a.example", "A.Example", "127.0.0.1", "127.0.0.1:8080", "a:", "a:0", "a:65535",
        "xn--bcher-kva.example", "a_b", "~a", "a%20b", "a!$&'()*+;=b", "-a-", "a.",
        "0123456789abcdef", "0123456789abcde:1", "0123456789abcdef:1", "0123456789abcdefg:1",
        "a-name-that-takes-more-than-two-blocks-of-bytes.example:443",
        "[::1]", "[::1]:8080", "[2001:DB8::a:1]", "[::ffff:1.2.3.4]:80",
    ])
    func `a name or address with a port or without is taken`(host: String) throws {
        let text = request(host)

        let (head, _) = try accepted(request: text)

        #expect(string(raw(text), head.authority) == host)
        #expect(head.host == 0)
    }

    @Test(arguments: [
        "a b", "a,b", "a/b", "a@b", "a?b", "a#b", "a\\b", "a\tb", "a\"b", "<a>", "a|b", "a^b",
        "{a}",
        "\u{E4}", "a\u{80}", "http://a", "a:b", "a:80b", "a:-1", "a:+1", "a:80:80", "a::", ":80",
        ":",
        "a:65536", "a:99999", "a:000080", "[", "]", "[]", "[::1", "::1]", "::1", "[::1]a",
        "[::1]80",
        "[::1]:x", "a[::1]", "[a[]", "[::1%25eth0]", "[v1.x]", "[g::]",
        "0123456789abcdef0123456789/",
    ])
    func `anything else is refused`(host: String) {
        expectRefused(request: request(host), .badHost)
    }

    @Test func `an empty host is permitted with an origin form alone`() throws {
        let (head, _) = try accepted(request: request(""))

        #expect(head.authority.isEmpty)
        #expect(head.host == 0)
        expectRefused(request: "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n", .badHost)
    }

    @Test func `the field is checked also where the target wins`() {
        expectRefused(request: "GET http://a/ HTTP/1.1\r\nHost: b/c\r\n\r\n", .badHost)
    }

    @Test func `HTTP 1_1 needs exactly one Host field`() {
        expectRefused(request: "GET / HTTP/1.1\r\n\r\n", .missingHost)
        expectRefused(request: "GET http://a/ HTTP/1.1\r\nX: y\r\n\r\n", .missingHost)
        expectRefused(request: "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", .repeatedField)
        expectRefused(request: "GET / HTTP/1.1\r\nHost: a\r\nHOST:\r\n\r\n", .repeatedField)
    }

    @Test func `HTTP 1_0 may leave the field out but not repeat it`() throws {
        let (head, _) = try accepted(request: "GET / HTTP/1.0\r\n\r\n")

        #expect(head.host == -1)
        #expect(head.authority.isEmpty)
        expectRefused(request: "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedField)
    }
}
