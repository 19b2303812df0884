import Testing

@testable import Proxy

@Suite("Request head")
struct RequestHeadTests {
    static let browser = [
        "GET /api/v1/conversations?limit=20 HTTP/1.1", "Host: chat.example.com",
        "Connection: keep-alive", "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"",
        "sec-ch-ua-mobile: ?0", "sec-ch-ua-platform: \"Linux\"", "Upgrade-Insecure-Requests: 1",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document",
        "Referer: https://chat.example.com/conversations/4711",
        "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9,de;q=0.8",
        "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark", "", "",
    ].joined(separator: "\r\n")

    @Test func `a browser's request is read as it is written`() throws {
        let (head, reading) = try accepted(request: Self.browser)

        #expect(head.method == .get)
        #expect(string(raw(Self.browser), head.path) == "/api/v1/conversations")
        #expect(string(raw(Self.browser), head.authority) == "chat.example.com")
        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(head.upgrade == .none)
        #expect(!head.expectsContinue)
        #expect(head.byteCount == Self.browser.utf8.count)
        let lines = Self.browser.split(separator: "\r\n").dropFirst()
        #expect(reading.fields.map { "\($0.name): \($0.value)" } == lines.map(String.init))
        #expect(reading.keptNames.count == 14)
    }

    @Test func `lines follow each other without a gap`() throws {
        let bytes = raw(Self.browser)
        var fields = FieldTable()

        let parsed = try RequestHead.parse(bytes.span, limits: .standard, fields: &fields)

        let head = try #require(parsed)
        var end = UInt32(head.line.end)
        for index in 0..<fields.count {
            #expect(fields[index].name.start == end)
            end = fields[index].lineEnd
        }
        #expect(Int(end) + 2 == head.byteCount)
    }

    @Test func `the places of forwarded fields and cookies are known, the last of several`() throws
    {
        let lines = [
            "X-Forwarded-For: 1.2.3.4", "x-forwarded-for: 5.6.7.8", "X-Forwarded-Proto: https",
            "X-Forwarded-Host: b", "Cookie: c=d", "Host: a",
        ].joined(separator: "\r\n")

        let (head, _) = try accepted(request: "GET / HTTP/1.1\r\n\(lines)\r\n\r\n")

        #expect(head.forwardedFor == 1)
        #expect(head.forwardedProto == 2)
        #expect(head.forwardedHost == 3)
        #expect(head.cookie == 4)
        #expect(head.host == 5)
    }

    @Test func `fields that are not there have no place`() throws {
        let (head, _) = try accepted(request: "GET / HTTP/1.0\r\n\r\n")

        let places = [
            head.host, head.forwardedFor, head.forwardedProto, head.forwardedHost, head.cookie,
        ]
        #expect(places == [-1, -1, -1, -1, -1])
    }

    @Test(arguments: [
        ("HTTP/1.1", "Content-Length: 5\r\nExpect: 100-continue", true),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\nExpect: 100-Continue", true),
        ("HTTP/1.1", "Content-Length: 0\r\nExpect: 100-continue", false),
        ("HTTP/1.1", "Expect: 100-continue", false),
        ("HTTP/1.1", "Content-Length: 5", false),
        ("HTTP/1.0", "Content-Length: 5\r\nExpect: 100-continue", false),
        ("HTTP/1.0", "Content-Length: 5\r\nExpect: something-else", false),
    ])
    func `a 100 is awaited by HTTP 1_1 with a body`(
        version: String,
        lines: String,
        expects: Bool
    ) throws {
        let text = "POST / \(version)\r\nHost: a\r\n\(lines)\r\n\r\n"

        #expect(try accepted(request: text).head.expectsContinue == expects)
    }

    @Test(arguments: [
        "Expect: 200-ok", "Expect:", "Expect: 100-continue, x", "Expect: 100-continue;a=b",
        "Expect: 100-continuex",
    ])
    func `another expectation is 417`(lines: String) {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\(lines)\r\n\r\n"

        expectRefused(request: text, .unknownExpectation)
        #expect(ParseError.unknownExpectation.status == 417)
    }

    @Test func `an expectation must not be repeated`() {
        let lines = "Expect: 100-continue\r\nExpect: 100-continue"

        expectRefused(request: "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", .repeatedField)
    }

    @Test(arguments: [
        ("OPTIONS", "Max-Forwards: 0", 0), ("TRACE", "max-forwards: 010", 10),
        ("OPTIONS", "Max-Forwards: 99999999999999999999", RequestHead.maxForwardsLimit),
        ("OPTIONS", "X: 1", -1), ("GET", "Max-Forwards: 0", -1), ("GET", "Max-Forwards: x", -1),
    ])
    func `forwards are counted for OPTIONS and TRACE alone`(
        method: String,
        line: String,
        forwards: Int32
    ) throws {
        let text = "\(method) / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n"

        #expect(try accepted(request: text).head.maxForwards == forwards)
    }

    @Test(arguments: ["", "x", "-1", "+1", "1 1", "1,1", "1\r\nMax-Forwards: 1"])
    func `a number of forwards that is none is refused`(value: String) {
        let text = "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: \(value)\r\n\r\n"

        expectRefused(request: text, .badMaxForwards)
    }

    @Test(arguments: ["Content-Length: 1", "Transfer-Encoding: chunked"])
    func `TRACE has no body`(line: String) throws {
        expectRefused(request: "TRACE / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n", .bodyOfTrace)
        let empty = "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        #expect(try accepted(request: empty).head.method == .trace)
    }

    @Test func `requests behind one another are read one by one`() throws {
        let one = raw("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        let two = raw("GET /22 HTTP/1.1\r\nHost: b\r\nX: y\r\n\r\n")

        let first = readRequest(one + two)
        let rest = (one + two).dropFirst(try #require(first.head).byteCount)
        let second = readRequest(rest)

        #expect(first.fields.map(\.value) == ["a"])
        #expect(second.fields.map(\.value) == ["b", "y"])
        #expect(second.head?.byteCount == two.count)
    }

    @Test func `nothing at all is incomplete`() {
        #expect(readRequest([]).summary == "incomplete")
        #expect(readResponse([]).summary == "incomplete")
    }
}
