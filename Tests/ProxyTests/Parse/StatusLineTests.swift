import Testing

@testable import Proxy

@Suite("Status line")
struct StatusLineTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.0 404 Not Found", 404, "Not Found"),
        ("HTTP/1.1 200 ", 200, ""),
        ("HTTP/1.1 200", 200, ""),
        ("HTTP/1.1 599 a\tb \u{FC}", 599, "a\tb \u{FC}"),
        ("HTTP/1.1 200  two spaces", 200, " two spaces"),
        (
            "HTTP/1.1 500 A reason that takes more than a block of bytes", 500,
            "A reason that takes more than a block of bytes"
        ),
    ])
    func `a line is version, status and maybe a reason`(
        line: String,
        status: UInt16,
        reason: String
    ) throws {
        let text = "\(line)\r\nContent-Length: 0\r\n\r\n"

        let (head, _) = try accepted(response: text)

        #expect(head.status == status)
        #expect(string(raw(text), head.statusLine) == line)
        #expect(string(raw(text), head.reason) == reason)
    }

    @Test(arguments: [
        ("HTTP/1.1  200 OK", ParseError.badStatus),
        ("HTTP/1.1\t200 OK", .badStatusLine),
        ("HTTP/1.1", .badStatusLine),
        ("HTTP/1.1200 OK", .badStatusLine),
        ("HTTP/1.1 2000", .badStatusLine),
        ("HTTP/1.1 200\tOK", .badStatusLine),
        ("HTTP/1.1 200OK", .badStatusLine),
        ("HTTP/1.1 ", .badStatus),
        ("HTTP/1.1 20", .badStatus),
        ("HTTP/1.1 2", .badStatus),
        ("HTTP/1.1 20 OK", .badStatus),
        ("HTTP/1.1 099 OK", .badStatus),
        ("HTTP/1.1 000 OK", .badStatus),
        ("HTTP/1.1 600 OK", .badStatus),
        ("HTTP/1.1 999 OK", .badStatus),
        ("HTTP/1.1 2x0 OK", .badStatus),
        ("HTTP/1.1 20x OK", .badStatus),
        ("HTTP/1.1 -20 OK", .badStatus),
        ("HTTP/1.1 +20 OK", .badStatus),
        ("HTTP/1.1 OK", .badStatus),
        ("HTTP/1.1 200 O\u{0}K", .badFieldValue),
        ("HTTP/1.1 200 O\u{7F}K", .badFieldValue),
        ("HTTP/1.1 200 OK\r", .bareLineBreak),
        ("HTTP/1.1 200 OK\nX: y", .bareLineBreak),
        ("HTTP/1.1 200 O\rK", .bareLineBreak),
        ("HTTP/2 200", .badVersion),
        ("http/1.1 200 OK", .badVersion),
        ("\r\nHTTP/1.1 200 OK", .badVersion),
        (" HTTP/1.1 200 OK", .badVersion),
        ("ICY 200 OK", .badVersion),
        ("SSH-2.0-OpenSSH_9.6", .badVersion),
        ("<html>", .badVersion),
    ])
    func `a malformed line is refused`(line: String, error: ParseError) {
        expectRefused(response: "\(line)\r\nContent-Length: 0\r\n\r\n", error)
    }
}
