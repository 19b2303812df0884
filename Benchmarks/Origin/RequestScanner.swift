import CLinux
import Glibc

/// Finds where requests end in a stream of bytes; it trusts its downstream, which is a proxy.
struct RequestScanner {
    /// What one head asks for.
    struct Head: Equatable {
        /// Bytes of the head, the empty line included.
        var bytes = 0
        var bodyBytes = 0
        var closes = false
        /// A body whose end only chunks would tell.
        var isChunked = false
        var isPost = false
        /// Where the target stands in the bytes.
        var target = 0..<0
    }

    /// The head that `bytes` start with, or nil while its end has not been read.
    static func head(in bytes: UnsafeRawBufferPointer) -> Head? {
        guard let base = bytes.baseAddress else { return nil }
        var head = Head()
        var start = 0
        while start < bytes.count,
            let newline = unsafe memchr(base + start, 0x0A, bytes.count - start)
        {
            let end = unsafe UnsafeRawPointer(newline) - base
            let line = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if start == 0 {
                unsafe readRequestLine(line, into: &head)
            } else if line.count <= 1 {
                head.bytes = end + 1
                return head
            } else {
                unsafe readField(line, into: &head)
            }
            start = end + 1
        }
        return nil
    }

    private static func readRequestLine(_ line: UnsafeRawBufferPointer, into head: inout Head) {
        let space = UInt8(ascii: " ")
        let start = (unsafe line.firstIndex(of: space) ?? line.count - 1) + 1
        let end = unsafe line[start...].firstIndex(of: space) ?? line.count
        head.isPost = unsafe line.first == UInt8(ascii: "P")
        head.target = start..<end
    }

    private static func readField(_ line: UnsafeRawBufferPointer, into head: inout Head) {
        switch unsafe line[0] | 0x20 {
        case UInt8(ascii: "c"):
            if let value = unsafe value(of: "content-length:", in: line) {
                head.bodyBytes = unsafe decimal(value)
            } else if let value = unsafe value(of: "connection:", in: line) {
                head.closes = unsafe value.first.map { $0 | 0x20 } == UInt8(ascii: "c")
            }
        case UInt8(ascii: "t"):
            if unsafe value(of: "transfer-encoding:", in: line) != nil { head.isChunked = true }
        default: break
        }
    }

    private static func value(
        of name: StaticString,
        in line: UnsafeRawBufferPointer
    ) -> Slice<UnsafeRawBufferPointer>? {
        let count = name.utf8CodeUnitCount
        guard let base = line.baseAddress, line.count > count,
            unsafe strncasecmp(
                base.assumingMemoryBound(to: CChar.self),
                UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
                count
            ) == 0
        else { return nil }
        return unsafe line[count...].drop { $0 == UInt8(ascii: " ") }
    }

    private static func decimal(_ value: Slice<UnsafeRawBufferPointer>) -> Int {
        unsafe value.prefix { $0 >= 0x30 && $0 <= 0x39 }.reduce(0) { $0 &* 10 &+ Int($1 & 0x0F) }
    }
}
