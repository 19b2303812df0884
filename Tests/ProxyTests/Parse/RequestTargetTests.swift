import Testing

@testable import Proxy

@Suite("Request target")
struct RequestTargetTests {
    private func request(_ target: String, method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: field.example\r\n\r\n"
    }

    @Test(arguments: [
        ("/", "/"),
        ("/a", "/a"),
        ("/?", "/"),
        ("/a?b", "/a"),
        ("/a?b?c/d", "/a"),
        ("//a/../b;c=%2F", "//a/../b;c=%2F"),
        ("/0123456789abcdef0123456789abcdef", "/0123456789abcdef0123456789abcdef"),
        ("/0123456789abcde?0123456789abcdef", "/0123456789abcde"),
        ("/!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~", "/!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~"),
    ])
    func `an origin form is a path and maybe a query`(target: String, path: String) throws {
        let text = request(target)

        let (head, _) = try accepted(request: text)

        #expect(head.form == .origin)
        #expect(string(raw(text), head.target) == target)
        #expect(string(raw(text), head.path) == path)
        #expect(string(raw(text), head.authority) == "field.example")
    }

    @Test(arguments: [
        ("http://a.example/b?c", "a.example", "/b"),
        ("http://a.example", "a.example", ""),
        ("http://a.example?c", "a.example", ""),
        ("HTTP://A.example:8080/", "A.example:8080", "/"),
        ("https://a.example/", "a.example", "/"),
        ("httpS://[::1]:1/x", "[::1]:1", "/x"),
    ])
    func `an absolute form names the host, which wins over the field`(
        target: String,
        authority: String,
        path: String
    ) throws {
        let text = request(target)

        let (head, _) = try accepted(request: text)

        #expect(head.form == .absolute)
        #expect(string(raw(text), head.target) == target)
        #expect(string(raw(text), head.authority) == authority)
        #expect(string(raw(text), head.path) == path)
    }

    @Test func `an asterisk asks the server as a whole, and only with OPTIONS`() throws {
        let (head, _) = try accepted(request: request("*", method: "OPTIONS"))

        #expect(head.form == .asterisk)
        #expect(head.path.isEmpty)
        expectRefused(request: request("*"), .badTarget)
        expectRefused(request: request("*/", method: "OPTIONS"), .badTarget)
        expectRefused(request: request("*?a", method: "OPTIONS"), .badTarget)
    }

    @Test(arguments: [
        "a", "a/b", "?", "a.example:80", ":", "http:", "http:/a", "http:a.example", "htttp://a/",
        "ftp://a/", "ws://a/", "https:/a/b", "javascript:alert(1)", "http//a/",
        "/a\u{7F}", "/a\u{1}b", "/a\u{0}", "/\u{E4}", "/\u{FF}", "/a\tb", "/a#b", "/#", "/a?b#c",
        "/0123456789abcdef0123456789\u{80}", "/a?0123456789abcdef0123456789\u{1F}",
        "http://user@a/", "http://user:pass@a/", "http://a@b@c/", "http://a\\b/", "http://a b/",
        "http://a,b/", "http://a#b",
    ])
    func `anything else is refused`(target: String) {
        expectRefused(request: request(target), target.contains(" ") ? .badVersion : .badTarget)
    }

    @Test(arguments: [
        "http://", "http:///", "http:///a", "http://?a", "http://:80/", "http://a:b/",
        "http://a:80:80/", "http://a:65536/", "http://[::1/", "http://[]/", "http://[::1]x/",
    ])
    func `an absolute form needs a host that is one`(target: String) {
        expectRefused(request: request(target), .badHost)
    }

    @Test func `a target of as many bytes as the limit has passes, and one more is 414`() throws {
        let limits = HeadLimits(headBytes: 1_024, fields: 10, targetBytes: 40)
        let longest = "/" + String(repeating: "a", count: 39)
        let query = "/?" + String(repeating: "a", count: 39)
        let absolute = "http://" + String(repeating: "a", count: 34)

        #expect(readRequest(raw(request(longest)), limits: limits).head != nil)
        expectRefused(request: request(longest + "b"), .targetTooLong, limits: limits)
        expectRefused(request: request(query), .targetTooLong, limits: limits)
        expectRefused(request: request(absolute), .targetTooLong, limits: limits)
        #expect(ParseError.targetTooLong.status == 414)
    }
}
