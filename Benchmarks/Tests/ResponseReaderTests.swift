import TestSupport
import Testing

@testable import bench_load

@Suite("Reader of responses")
struct ResponseReaderTests {
    static let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    static let long = "HTTP/1.1 200 OK\r\ncontent-length:5\r\nServer: x\r\n\r\nHTTP/"
    static let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "a;x=1\r\n0\r\n\r\n45678\r\n0\r\nA: b\r\n\r\n"

    @Test(arguments: [(empty, 1), (long, 1), (chunked, 1), (long + empty + chunked, 3)])
    func `every response is counted once, wherever the bytes are cut`(text: String, count: Int)
        throws
    {
        for (first, rest) in everySplit(of: Array(text.utf8)) {
            var reader = ResponseReader()

            let ended = try reader.read(Array(first).span) + reader.read(Array(rest).span)

            #expect(ended == count)
            #expect(reader.isBetweenResponses)
        }
    }

    @Test func `an unfinished response is not counted`() throws {
        for (first, rest) in everySplit(of: Array(Self.chunked.utf8)) where !rest.isEmpty {
            var reader = ResponseReader()

            #expect(try reader.read(Array(first).span) == 0)
        }
    }

    @Test func `a body may be thrown away unread`() throws {
        var reader = ResponseReader()
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"

        #expect(try reader.read(Array(head.utf8).span) == 0)
        #expect(reader.discardableBytes == 7)
        #expect(reader.discard(6) == 0)
        #expect(reader.discard(1) == 1)
        #expect(reader.isBetweenResponses)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 503 Service Unavailable\r\n", "HTTP/1.1 503 Service Unavailable"),
            ("HTTP/1.1 200 OK\r\n\r\n", "a response without a length"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                "a chunk without a size"
            ),
        ]
    )
    func `what no benchmark expects is refused`(text: String, reason: String) {
        var reader = ResponseReader()

        #expect(throws: ResponseReader.Unexpected(reason: reason)) {
            try reader.read(Array(text.utf8).span)
        }
    }
}
