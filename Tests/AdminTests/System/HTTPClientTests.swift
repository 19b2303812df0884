import Testing

@testable import Admin

@Suite("HTTP client")
struct HTTPClientTests {
    private static let answers = [
        (
            "HTTP/1.1 409 Conflict\r\nDate: x\r\nContent-Length: 2\r\n\r\n{}",
            409, "{}"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\n{\"a\r\nA\r\n\": 12345}\n\r\n0\r\n",
            200, "{\"a\": 12345}\n"
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length:  0\r\n\r\n",
            202, ""
        ),
    ]

    @Test(arguments: answers)
    func `a whole answer is read, and one that is cut anywhere is none`(
        wire: String,
        status: Int,
        body: String
    ) throws {
        let bytes = Array(wire.utf8)

        let answer = try #require(HTTPClient.answer(bytes, hasEnded: false))

        #expect(answer.status == status)
        #expect(answer.text == body)
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(HTTPClient.answer(cut, hasEnded: true) == nil, "\(count) bytes")
        }
    }

    @Test func `without a length the end of the connection is the end`() {
        let bytes = Array("HTTP/1.0 200 OK\r\n\r\nall of it".utf8)

        #expect(HTTPClient.answer(bytes, hasEnded: false) == nil)
        #expect(HTTPClient.answer(bytes, hasEnded: true)?.text == "all of it")
    }

    @Test func `an answer without content is whole with its head`() {
        let bytes = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)

        #expect(HTTPClient.answer(bytes, hasEnded: false)?.isDone == true)
    }

    @Test func `interim answers are passed over, and not without end`() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        let last = "HTTP/1.1 204 No Content\r\n\r\n"
        func status(after count: Int) -> Int? {
            let wire = String(repeating: interim, count: count) + last
            return HTTPClient.answer(Array(wire.utf8), hasEnded: true)?.status
        }

        #expect(status(after: 32) == 204)
        #expect(status(after: 33) == nil)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/2 200\r\n\r\n", "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    ])
    func `what is no answer is none`(wire: String) {
        #expect(HTTPClient.answer(Array(wire.utf8), hasEnded: true) == nil)
    }
}
