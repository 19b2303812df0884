import CLinux
import Glibc

/// A response that was laid out once, at start: bytes to write as they are, and then whole blocks
/// of one shared body.
///
/// Invariant: the memory is never changed or freed.
@safe struct PreparedResponse {
    /// Bytes of a block of body; every large response is made of the same one.
    static let blockBytes = 1 << 20

    nonisolated(unsafe) private static let block: UnsafeMutableRawPointer = {
        let block = UnsafeMutableRawPointer.allocate(byteCount: blockBytes, alignment: 4_096)
        for offset in 0..<blockBytes {
            unsafe block.storeBytes(of: pattern(offset), toByteOffset: offset, as: UInt8.self)
        }
        return unsafe block
    }()

    /// The byte at `offset` of every body, so that a reader can check what it got.
    static func pattern(_ offset: Int) -> UInt8 { UInt8(97 + offset % 26) }

    private let start: UnsafeMutableRawPointer
    private let startBytes: Int
    let totalBytes: Int

    /// A response of `bodyBytes`, laid out whole when they are fewer than a block.
    init(bodyBytes: Int) {
        precondition(bodyBytes < Self.blockBytes || bodyBytes % Self.blockBytes == 0)
        let fits = bodyBytes < Self.blockBytes
        self.init(
            head: Self.head("Content-Length: \(bodyBytes)"),
            body: (0..<(fits ? bodyBytes : 0)).map(Self.pattern),
            blocks: fits ? 0 : bodyBytes / Self.blockBytes
        )
    }

    /// A chunked response of `bodyBytes` in chunks of `chunkBytes`.
    init(bodyBytes: Int, chunkBytes: Int) {
        var body: [UInt8] = []
        for start in stride(from: 0, to: bodyBytes, by: chunkBytes) {
            let end = min(start + chunkBytes, bodyBytes)
            body += "\(String(end - start, radix: 16))\r\n".utf8
            body += (start..<end).map(Self.pattern)
            body += "\r\n".utf8
        }
        body += "0\r\n\r\n".utf8
        self.init(head: Self.head("Transfer-Encoding: chunked"), body: body, blocks: 0)
    }

    /// An answer without a body worth speaking of.
    init(status: String) {
        self.init(
            head: "HTTP/1.1 \(status)\r\nServer: bench-origin\r\nContent-Length: 0\r\n\r\n",
            body: [],
            blocks: 0
        )
    }

    private init(head: String, body: [UInt8], blocks: Int) {
        let bytes = Array(head.utf8) + body
        unsafe start = .allocate(byteCount: bytes.count, alignment: 64)
        unsafe start.copyMemory(from: bytes, byteCount: bytes.count)
        startBytes = bytes.count
        totalBytes = bytes.count + blocks * Self.blockBytes
    }

    private static func head(_ framing: String) -> String {
        """
        HTTP/1.1 200 OK\r
        Server: bench-origin\r
        Date: Thu, 01 Jan 2026 00:00:00 GMT\r
        Content-Type: application/octet-stream\r
        \(framing)\r
        \r\n
        """
    }

    /// Appends what stands after the first `written` bytes, up to `limit` slices.
    func append(to slices: inout [iovec], after written: Int, limit: Int) {
        var position = written
        if position < startBytes {
            unsafe slices.append(
                iovec(iov_base: start + position, iov_len: startBytes - position)
            )
            position = startBytes
        }
        while position < totalBytes, unsafe slices.count < limit {
            let offset = (position - startBytes) % Self.blockBytes
            unsafe slices.append(
                iovec(iov_base: Self.block + offset, iov_len: Self.blockBytes - offset)
            )
            position += Self.blockBytes - offset
        }
    }
}
