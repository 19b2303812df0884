import Testing

@testable import Proxy

@Suite("Field lines")
struct FieldParserTests {
    private func request(_ lines: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n" }

    @Test(arguments: [
        ("X-A: b\r\n", "X-A", "b"),
        ("X-A:b\r\n", "X-A", "b"),
        ("X-A: b \r\n", "X-A", "b"),
        ("X-A: bc  \r\n", "X-A", "bc"),
        ("X-A:  b\r\n", "X-A", "b"),
        ("X-A: \tb\r\n", "X-A", "b"),
        ("X-A: b\t\r\n", "X-A", "b"),
        ("X-A: \u{FF}\r\n", "X-A", "\u{FF}"),
        ("X-A:\r\n", "X-A", ""),
        ("X-A: \r\n", "X-A", ""),
        ("X-A: \t \t\r\n", "X-A", ""),
        ("X-A: \t b c\t \r\n", "X-A", "b c"),
        ("X-A: b\tc\r\n", "X-A", "b\tc"),
        ("X-A: :b:\r\n", "X-A", ":b:"),
        ("x: \u{80}\u{FF} \u{A0}\r\n", "x", "\u{80}\u{FF} \u{A0}"),
        ("a: ~!\"\\\r\n", "a", "~!\"\\"),
        ("!#$%&'*+-.^_`|~09azAZ: b\r\n", "!#$%&'*+-.^_`|~09azAZ", "b"),
        ("abcdefg: 7\r\n", "abcdefg", "7"),
        ("abcdefgh: 8\r\n", "abcdefgh", "8"),
        ("abcdefghijklmno: 15\r\n", "abcdefghijklmno", "15"),
        ("abcdefghijklmnop: 16\r\n", "abcdefghijklmnop", "16"),
        ("abcdefghijklmnop-rstuvwx: 24\r\n", "abcdefghijklmnop-rstuvwx", "24"),
        (
            "abcdefghijklmnop-rstuvwxyzabcdefghijklmno: 41\r\n",
            "abcdefghijklmnop-rstuvwxyzabcdefghijklmno", "41"
        ),
        ("a: 0123456789abcde\r\n", "a", "0123456789abcde"),
        ("a: 0123456789abcdef0123456789abcdef\t0\r\n", "a", "0123456789abcdef0123456789abcdef\t0"),
    ])
    func `a line is a token, a colon and a value without the blanks around it`(
        line: String,
        name: String,
        value: String
    ) throws {
        let (_, reading) = try accepted(request: request(line))

        let expected = FieldReading(name: name, value: value, known: .other, isRemoved: false)
        #expect(reading.fields.dropFirst() == [expected])
    }

    @Test(arguments: [
        (": b\r\n", ParseError.badFieldName),
        ("X A: b\r\n", .spaceBeforeColon),
        ("X-A : b\r\n", .spaceBeforeColon),
        ("X-A\t: b\r\n", .spaceBeforeColon),
        ("Content-Length : 0\r\n", .spaceBeforeColon),
        ("X-A\r\n", .bareLineBreak),
        ("X-A\n", .bareLineBreak),
        ("\n", .bareLineBreak),
        ("X(A): b\r\n", .badFieldName),
        ("X@A: b\r\n", .badFieldName),
        ("X[A]: b\r\n", .badFieldName),
        ("X/A: b\r\n", .badFieldName),
        ("\"X\": b\r\n", .badFieldName),
        ("X\u{0}A: b\r\n", .badFieldName),
        ("X\u{7F}: b\r\n", .badFieldName),
        ("X\u{E4}: b\r\n", .badFieldName),
        ("\u{FF}: b\r\n", .badFieldName),
        ("abcdefghijklmnopq\u{80}: b\r\n", .badFieldName),
        ("X-A: b\n", .bareLineBreak),
        ("X-A: b\r\r\n", .bareLineBreak),
        ("X-A: b\rc\r\n", .bareLineBreak),
        ("X-A: b\r X-B: c\r\n", .bareLineBreak),
        ("X-A: b\nX-B: c\r\n", .bareLineBreak),
        ("X-A: \u{0}\r\n", .badFieldValue),
        ("X-A: b\u{1}\r\n", .badFieldValue),
        ("X-A: b\u{B}\r\n", .badFieldValue),
        ("X-A: b\u{1B}[0m\r\n", .badFieldValue),
        ("X-A: b\u{1F}\r\n", .badFieldValue),
        ("X-A: b\u{7F}\r\n", .badFieldValue),
        ("X-A: 0123456789abcdef0123456789\u{8}\r\n", .badFieldValue),
        ("X-A: b\r\n c\r\n", .foldedField),
        ("X-A: b\r\n\tc\r\n", .foldedField),
        ("X-A: b\r\n \r\n", .foldedField),
        (" X-A: b\r\n", .foldedField),
        ("\r", .bareLineBreak),
    ])
    func `a malformed line is refused`(line: String, error: ParseError) {
        expectRefused(request: request(line), error)
        expectRefused(response: "HTTP/1.1 200 OK\r\n\(line)\r\n", error)
    }

    @Test func `a fold in the first line is refused too`() {
        expectRefused(request: "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField)
    }

    @Test(arguments: [
        "Content_Length: 5", "content_length: 5", "CONTENT_LENGTH:5", "Transfer_Encoding: chunked",
        "transfer_encoding: chunked", "X_Forwarded_For: 1.2.3.4", "X-Forwarded_For: 1.2.3.4",
        "x_forwarded-proto: https", "X_FORWARDED_HOST: a", "X_Real_IP: 1.2.3.4",
    ])
    func `an underscore in place of a hyphen is refused where names steer`(line: String) {
        expectRefused(request: request(line + "\r\n"), .ambiguousFieldName)
    }

    @Test(arguments: ["X_A: b", "user_id: 1", "Content_Length_: 5", "_host: a", "Set_Cookie: a"])
    func `other underscores pass`(line: String) throws {
        let (_, reading) = try accepted(request: request(line + "\r\n"))

        #expect(reading.fields.last?.known == .other)
    }

    @Test(arguments: 0...40, [0, 1, 15, 16, 17, 33])
    func `a bad byte is found wherever it stands in a line`(position: Int, length: Int) {
        let value = Array(repeating: UInt8(ascii: "v"), count: position + length)
        for byte in [0x00, 0x08, 0x0A, 0x1F, 0x7F] as [UInt8] {
            var line = value
            line.insert(byte, at: position)
            let bytes = raw("GET / HTTP/1.1\r\nHost: a\r\nx: ") + line + raw("\r\n\r\n")

            #expect(readRequest(bytes).error != nil, "byte \(byte)")
        }
    }
}
