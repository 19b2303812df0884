import Testing

@testable import Proxy

@Suite("Body framing")
struct BodyFramingTests {
    private func request(_ lines: String, version: String = "HTTP/1.1") -> String {
        "POST / \(version)\r\nHost: a\r\n\(lines)\r\n\r\n"
    }

    private func response(_ lines: String) -> String { "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n" }

    @Test(arguments: [
        ("Content-Length: 0", BodyFraming.length(0)),
        ("content-length:5", .length(5)),
        ("CONTENT-LENGTH: \t1024 \t", .length(1_024)),
        ("Content-Length: 0000000000000000005", .length(5)),
        ("Content-Length: 9223372036854775807", .length(9_223_372_036_854_775_807)),
        ("Transfer-Encoding: chunked", .chunked),
        ("transfer-encoding:chunked", .chunked),
        ("TRANSFER-ENCODING: \tChUnKeD ", .chunked),
    ])
    func `one length is taken, in requests and responses alike`(
        line: String,
        framing: BodyFraming
    ) throws {
        #expect(try accepted(request: request(line)).head.framing == framing)
        #expect(try accepted(response: response(line)).head.framing == framing)
    }

    @Test(arguments: [
        ("Content-Length:", ParseError.badContentLength),
        ("Content-Length: a", .badContentLength),
        ("Content-Length: +5", .badContentLength),
        ("Content-Length: -5", .badContentLength),
        ("Content-Length: 5 5", .badContentLength),
        ("Content-Length: 5,5", .badContentLength),
        ("Content-Length: 5, 5", .badContentLength),
        ("Content-Length: 5;", .badContentLength),
        ("Content-Length: 0x5", .badContentLength),
        ("Content-Length: 5.0", .badContentLength),
        ("Content-Length: 5e1", .badContentLength),
        ("Content-Length: \"5\"", .badContentLength),
        ("Content-Length: \u{B2}", .badContentLength),
        ("Content-Length: 9223372036854775808", .badContentLength),
        ("Content-Length: 18446744073709551621", .badContentLength),
        ("Content-Length: 00000000000000000005", .badContentLength),
        ("Content-Length: 5\r\nContent-Length: 5", .repeatedField),
        ("Content-Length: 5\r\ncontent-length: 6", .repeatedField),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", .conflictingLengths),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0", .conflictingLengths),
        ("Transfer-Encoding: x\r\nContent-Length: 5", .conflictingLengths),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedField),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", .repeatedField),
        ("Transfer-Encoding:", .badTransferEncoding),
        ("Transfer-Encoding: identity", .badTransferEncoding),
        ("Transfer-Encoding: gzip", .badTransferEncoding),
        ("Transfer-Encoding: chunked, gzip", .badTransferEncoding),
        ("Transfer-Encoding: chunked, chunked", .badTransferEncoding),
        ("Transfer-Encoding: chunked,", .badTransferEncoding),
        ("Transfer-Encoding: ,chunked", .badTransferEncoding),
        ("Transfer-Encoding: gzip,,chunked", .badTransferEncoding),
        ("Transfer-Encoding: gzip chunked", .badTransferEncoding),
        ("Transfer-Encoding: chunked;q=1", .badTransferEncoding),
        ("Transfer-Encoding: chunked x", .badTransferEncoding),
        ("Transfer-Encoding: xchunked", .badTransferEncoding),
        ("Transfer-Encoding: chunkedx", .badTransferEncoding),
        ("Transfer-Encoding: chunke", .badTransferEncoding),
        ("Transfer-Encoding: \"chunked\"", .badTransferEncoding),
        ("Transfer-Encoding: chun\u{E9}ed", .badTransferEncoding),
        ("Transfer-Encoding: \u{B}chunked", .badFieldValue),
        ("Transfer-Encoding: gzip, chunked", .unsupportedTransferCoding),
        ("Transfer-Encoding: gzip , br ,\tChunked", .unsupportedTransferCoding),
        ("Transfer-Encoding : chunked", .spaceBeforeColon),
        ("Transfer_Encoding: chunked", .ambiguousFieldName),
    ])
    func `whatever else says a length is refused`(lines: String, error: ParseError) {
        expectRefused(request: request(lines), error)
        expectRefused(response: response(lines), error)
    }

    @Test func `a coding that is not known is 501, a malformed one 400`() {
        #expect(ParseError.unsupportedTransferCoding.status == 501)
        #expect(ParseError.badTransferEncoding.status == 400)
    }

    @Test func `HTTP 1_0 has no Transfer-Encoding`() throws {
        let line = "Transfer-Encoding: chunked"

        expectRefused(request: request(line, version: "HTTP/1.0"), .transferEncodingInHTTP10)
        expectRefused(response: "HTTP/1.0 200 OK\r\n\(line)\r\n\r\n", .transferEncodingInHTTP10)
    }

    @Test func `a request without a length has no body`() throws {
        #expect(try accepted(request: "POST / HTTP/1.1\r\nHost: a\r\n\r\n").head.framing == .none)
    }

    @Test func `only a body that may have bytes is not empty`() {
        #expect(BodyFraming.none.isEmpty)
        #expect(BodyFraming.length(0).isEmpty)
        #expect(!BodyFraming.length(1).isEmpty)
        #expect(!BodyFraming.chunked.isEmpty)
        #expect(!BodyFraming.untilClose.isEmpty)
    }
}
