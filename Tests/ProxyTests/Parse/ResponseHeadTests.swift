import Testing

@testable import Proxy

@Suite("Response head")
struct ResponseHeadTests {
    @Test func `an endpoint's response is read as it is written`() throws {
        let text = [
            "HTTP/1.1 200 OK", "Server: origin", "Date: Tue, 01 Oct 2024 12:00:00 GMT",
            "Content-Type: text/plain", "Content-Length: 1024", "Connection: keep-alive", "", "",
        ].joined(separator: "\r\n")

        let (head, reading) = try accepted(response: text)

        #expect(head.status == 200)
        #expect(head.version == .http11)
        #expect(head.framing == .length(1_024))
        #expect(head.keepAlive)
        #expect(head.hasDate)
        #expect(!head.isInterim)
        #expect(head.byteCount == text.utf8.count)
        #expect(reading.keptNames == ["Server", "Date", "Content-Type", "Content-Length"])
    }

    @Test func `without a length the body ends with the connection`() throws {
        let (head, _) = try accepted(response: "HTTP/1.1 200 OK\r\n\r\n")

        #expect(head.framing == .untilClose)
        #expect(!head.keepAlive)
        #expect(!head.hasDate)
    }

    @Test(arguments: ["Content-Length: 5", "Transfer-Encoding: chunked", "X: y"])
    func `HEAD and 304 have no body whatever the fields say`(line: String) throws {
        let toHead = try accepted(response: "HTTP/1.1 200 OK\r\n\(line)\r\n\r\n", to: .head)
        let notModified = try accepted(response: "HTTP/1.1 304 X\r\n\(line)\r\n\r\n")

        #expect(toHead.head.framing == .none)
        #expect(toHead.head.keepAlive)
        #expect(notModified.head.framing == .none)
        #expect(notModified.head.keepAlive)
    }

    @Test func `HEAD does not excuse lengths that contradict each other`() {
        let lines = "Content-Length: 5\r\nTransfer-Encoding: chunked"

        expectRefused(
            response: "HTTP/1.1 200 X\r\n\(lines)\r\n\r\n",
            .conflictingLengths,
            to: .head
        )
    }

    @Test(arguments: [100, 102, 103, 199])
    func `other responses follow an interim one, which has no body`(status: Int) throws {
        let (head, _) = try accepted(response: "HTTP/1.1 \(status) X\r\nLink: </a>\r\n\r\n")

        #expect(head.isInterim)
        #expect(head.framing == .none)
        #expect(head.keepAlive)
    }

    @Test(arguments: [
        (100, "Content-Length: 0"), (103, "Content-Length: 5"),
        (100, "Transfer-Encoding: chunked"), (101, "Upgrade: x\r\nContent-Length: 0"),
        (204, "Content-Length: 5"), (204, "Transfer-Encoding: chunked"),
    ])
    func `a length where there is no body is refused`(status: Int, lines: String) {
        expectRefused(response: "HTTP/1.1 \(status) X\r\n\(lines)\r\n\r\n", .lengthWithoutBody)
    }

    @Test func `a 204 with length zero passes without its length`() throws {
        let text = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX: y\r\n\r\n"

        let (head, reading) = try accepted(response: text)

        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(reading.keptNames == ["X"])
    }

    @Test func `a 101 is final, ends HTTP and says what follows`() throws {
        let lines = "Connection: Upgrade\r\nUpgrade: websocket"

        let (head, _) = try accepted(response: "HTTP/1.1 101 X\r\n\(lines)\r\n\r\n")

        #expect(!head.isInterim)
        #expect(head.framing == .none)
        expectRefused(response: "HTTP/1.1 101 X\r\nConnection: Upgrade\r\n\r\n", .missingUpgrade)
    }

    @Test func `fields that Connection names stay behind`() throws {
        let lines = "Connection: x-hop\r\nX-Hop: 1\r\nX-End: 2\r\nContent-Length: 0"

        let (_, reading) = try accepted(response: "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n")

        #expect(reading.keptNames == ["X-End", "Content-Length"])
    }
}
