import Testing

@testable import Demo

@Suite("WebSocket echo")
struct WebSocketEchoTests {
    @Test func `the accept key is the one of the RFC's example`() throws {
        let head = """
            GET /ws HTTP/1.1\r
            Upgrade: websocket\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            """
        let request = try #require(DemoRequest(head: Array(head.utf8)[...]))

        #expect(WebSocketEcho.acceptKey(for: request) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        arguments: [
            ([0x81, 0x85, 1, 2, 3, 4] + mask("Hello"), [0x81, 5] + Array("Hello".utf8)),
            ([0x01, 0x82, 1, 2, 3, 4] + mask("He"), [0x01, 2] + Array("He".utf8)),
            ([0x89, 0x81, 1, 2, 3, 4] + mask("x"), [0x8A, 1, UInt8(ascii: "x")]),
            ([0x88, 0x80, 1, 2, 3, 4], [0x88, 0]),
        ] as [([UInt8], [UInt8])]
    )
    func `a frame is answered whole, and not before it is whole`(
        frame: [UInt8],
        answer: [UInt8]
    ) {
        for cut in 0..<frame.count {
            var echo = WebSocketEcho(unread: Array(frame[..<cut]))
            #expect(echo.takeAnswer() == [])

            echo.unread += frame[cut...]
            #expect(echo.takeAnswer() == answer)
        }
    }

    @Test(arguments: [126, 65_535, 65_536])
    func `a long frame keeps its length`(length: Int) {
        let text = String(repeating: "a", count: length)
        let lengthBytes: [UInt8] =
            length < 65_536
            ? [0xFE, UInt8(length >> 8), UInt8(length & 0xFF)]
            : [0xFF, 0, 0, 0, 0, 0, 1, 0, 0]
        var echo = WebSocketEcho(unread: [0x82] + lengthBytes + [1, 2, 3, 4] + mask(text))

        let answer = echo.takeAnswer() ?? []

        #expect(answer.count == length + (length < 65_536 ? 4 : 10))
        #expect(answer.suffix(length).allSatisfy { $0 == UInt8(ascii: "a") })
    }

    @Test(arguments: [[0x81, 0x01, 0x61], [0x82, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]])
    func `a frame without a mask or beyond the limit ends the connection`(frame: [UInt8]) {
        var echo = WebSocketEcho(unread: frame)

        #expect(echo.takeAnswer() == nil)
    }

    @Test func `nothing is answered after a close frame`() {
        var echo = WebSocketEcho(unread: [0x88, 0x80, 1, 2, 3, 4, 0x81, 0x80, 1, 2, 3, 4])

        #expect(echo.takeAnswer() == [0x88, 0])
        #expect(echo.takeAnswer() == nil)
    }
}

private func mask(_ text: String) -> [UInt8] {
    text.utf8.enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
}
