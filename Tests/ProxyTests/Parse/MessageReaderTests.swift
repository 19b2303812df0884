import Testing

@testable import Proxy

@Suite("Message reader")
struct MessageReaderTests {
    private func read(_ wire: String, limit: Int = 10) -> MessageReader.Reading {
        MessageReader.read(Array(wire.utf8), bodyLimitBytes: limit)
    }

    private func status(_ reading: MessageReader.Reading) -> Int? {
        guard case .refused(let status, let reason) = reading, !reason.isEmpty else { return nil }
        return status
    }

    private static let chunked =
        "PUT /canary?a=b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"

    @Test(arguments: [
        "GET /status HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /switch HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde", chunked,
    ])
    func `a request is complete with its last byte, and what follows is left`(wire: String) {
        let bytes = Array(wire.utf8)
        for count in 0..<bytes.count {
            let reading = MessageReader.read(Array(bytes[..<count]), bodyLimitBytes: 10)
            #expect(reading == .incomplete(expectsContinue: false), "\(count) bytes")
        }

        guard case .complete(_, let byteCount) = read(wire + "GET / HT") else {
            Issue.record("not complete")
            return
        }
        #expect(byteCount == bytes.count)
    }

    @Test func `the parts of a request are copied out of it`() throws {
        guard case .complete(let request, _) = read(Self.chunked) else {
            Issue.record("not complete")
            return
        }

        #expect(String(decoding: request.method, as: UTF8.self) == "PUT")
        #expect(String(decoding: request.path, as: UTF8.self) == "/canary")
        #expect(request.query == Array("a=b".utf8))
        #expect(request.fields.first?.name == Array("Host".utf8))
        #expect(request.fields.first?.value == Array("a".utf8))
        #expect(String(decoding: request.body, as: UTF8.self) == "abcde")
        #expect(request.keepsAlive)
    }

    @Test func `a request that waits for a 100 says so`() {
        let reading = read(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        )

        #expect(reading == .incomplete(expectsContinue: true))
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nabcdefghijk\r\n",
            413
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "1\r\na\r\n", count: 8),
            413
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 17_000))\r\n\r\n", 431),
    ])
    func `what has no single reading or is too large is refused`(wire: String, expected: Int) {
        #expect(status(read(wire)) == expected)
    }
}
