import TestSupport
import Testing

@testable import bench_origin

@Suite("Scanner of the origin's requests")
struct RequestScannerTests {
    static let post =
        "POST /up HTTP/1.1\r\nHost: a\r\ncontent-LENGTH:  12\r\nConnection: close\r\n\r\n"

    private func scan(_ bytes: [UInt8]) -> RequestScanner.Head? {
        unsafe bytes.withUnsafeBytes { unsafe RequestScanner.head(in: $0) }
    }

    @Test func `a head tells its target, its body and whether the connection ends`() throws {
        let bytes = Array(Self.post.utf8)

        let head = try #require(scan(bytes + Array("body".utf8)))

        #expect(head.bytes == bytes.count)
        #expect(head.bodyBytes == 12)
        #expect(head.closes && head.isPost && !head.isChunked)
        #expect(String(decoding: bytes[head.target], as: UTF8.self) == "/up")
    }

    @Test func `a head without its end is none`() {
        for (first, rest) in everySplit(of: Array(Self.post.utf8)) where !rest.isEmpty {
            #expect(scan(Array(first)) == nil)
        }
    }

    @Test func `keep-alive does not end the connection, chunks are noticed`() throws {
        let text = "GET / HTTP/1.1\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"

        let head = try #require(scan(Array(text.utf8)))

        #expect(!head.closes && !head.isPost && head.isChunked)
    }
}
