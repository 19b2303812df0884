import Testing

@testable import Proxy

@Suite("Connection options")
struct ConnectionOptionsTests {
    private func request(_ lines: String, version: String = "HTTP/1.1") -> String {
        "GET / \(version)\r\nHost: a\r\n\(lines)\r\n\r\n"
    }

    @Test(arguments: [
        ("HTTP/1.1", "X: y", true),
        ("HTTP/1.1", "Connection: keep-alive", true),
        ("HTTP/1.1", "Connection: close", false),
        ("HTTP/1.1", "Connection: CLOSE", false),
        ("HTTP/1.1", "Connection: keep-alive, close", false),
        ("HTTP/1.1", "Connection: close, keep-alive", false),
        ("HTTP/1.1", "Connection: keep-alive\r\nConnection: close", false),
        ("HTTP/1.1", "Connection: close\r\nConnection: keep-alive", false),
        ("HTTP/1.1", "Connection: closed", true),
        ("HTTP/1.1", "Connection:", true),
        ("HTTP/1.0", "X: y", false),
        ("HTTP/1.0", "Connection: keep-alive", true),
        ("HTTP/1.0", "Connection: Keep-Alive", true),
        ("HTTP/1.0", "Connection: x, Keep-Alive", true),
        ("HTTP/1.0", "Connection: keep-alive, close", false),
        ("HTTP/1.0", "Connection: keep-alive2", false),
        ("HTTP/1.0", "Connection: close", false),
    ])
    func `a connection persists by version and option`(
        version: String,
        lines: String,
        persists: Bool
    ) throws {
        let (head, _) = try accepted(request: request(lines, version: version))
        let response = "\(version) 200 OK\r\nContent-Length: 0\r\n\(lines)\r\n\r\n"

        #expect(head.keepAlive == persists)
        #expect(try accepted(response: response).head.keepAlive == persists)
    }

    @Test func `fields of the connection itself stay behind`() throws {
        let lines = [
            "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
            "TE: trailers", "Trailer: X-Sum", "Upgrade: x", "HTTP2-Settings: AAMAAABk", "X-A: b",
        ].joined(separator: "\r\n")

        let (_, reading) = try accepted(request: request(lines))

        #expect(reading.keptNames == ["Host", "Trailer", "X-A"])
    }

    @Test func `fields that Connection names stay behind, wherever they stand`() throws {
        let lines = [
            "X-Before: 1", "Connection: x-before, X-AFTER,te", "X-After: 2", "x-after: 3",
            "X-After-All: 4", "Connection: x-third", "X-Third: 5",
        ].joined(separator: "\r\n")

        let (_, reading) = try accepted(request: request(lines))

        #expect(reading.keptNames == ["Host", "X-After-All"])
    }

    @Test(arguments: [
        "Host", "content-length", "Transfer-Encoding", "Cookie", "Set-Cookie", "Authorization",
        "Proxy-Authorization", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
        "X-Forwarded-Port", "x-forwarded-client-certificate-chain", "Forwarded", "X-Real-IP",
        "Expect", "Content-Type", "Content-Encoding", "Cache-Control", "Date", "close, host",
    ])
    func `a field that is meant for the other end must not be named`(option: String) {
        let line = "Connection: \(option)"

        expectRefused(request: request(line), .connectionNamesEndToEndField)
        expectRefused(response: "HTTP/1.1 200 OK\r\n\(line)\r\n\r\n", .connectionNamesEndToEndField)
    }

    @Test(arguments: [
        "close,", ",close", "close,,keep-alive", "close keep-alive", "close;q=1", "\"close\"",
        "close=1", "cl\u{E9}se", "close, ", ",", "a/b", "close\tkeep-alive",
    ])
    func `anything but a list of tokens is refused`(value: String) {
        expectRefused(request: request("Connection: \(value)"), .badConnectionOption)
    }

    @Test func `as many options as the limit has pass, in one field or several`() throws {
        let options = (1...ConnectionOptions.countLimit).map { "x-\($0)" }
        let fields = options.map { "\($0): y" }.joined(separator: "\r\n")
        let one = "Connection: " + options.joined(separator: ", ")
        let several = options.map { "Connection: \($0)" }.joined(separator: "\r\n")

        for lines in [one, several] {
            let (_, reading) = try accepted(request: request(lines + "\r\n" + fields))

            #expect(reading.keptNames == ["Host"])
            expectRefused(
                request: request(lines + "\r\nConnection: z"),
                .tooManyConnectionOptions
            )
        }
    }

    @Test(arguments: [
        ("Host", "hOST", true), ("", "", true), ("X-1", "x-1", true),
        ("Host", "hosT.", false), ("Host", "HOSU", false), ("@", "`", false), ("[", "{", false),
        ("x-a", "x_a", false), ("\r", "-", false),
    ])
    func `names are the same but for the case of letters`(
        left: String,
        right: String,
        areSame: Bool
    ) {
        let bytes = raw(left + right)
        let (first, second) = (0..<left.utf8.count, left.utf8.count..<bytes.count)

        let result = bytes.span.equalIgnoringCase(first, second)

        #expect(result == areSame)
    }
}
