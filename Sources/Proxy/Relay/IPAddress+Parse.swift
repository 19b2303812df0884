import CLinux
import Glibc

extension IPAddress {
    /// Longest text of an address, brackets and blanks around it included.
    private static let textLimitBytes = 63

    /// Reads an address from a list element of `X-Forwarded-For`; nil for anything else.
    init?(parsing head: Span<UInt8>, _ element: ByteRange) {
        var start = Int(element.start)
        var end = Int(element.end)
        while start < end, Self.isFiller(head[start]) { start += 1 }
        while end > start, Self.isFiller(head[end - 1]) { end -= 1 }
        guard end > start, end - start <= Self.textLimitBytes else { return nil }
        // inet_pton wants a closing zero: the one copy that this costs is of a few bytes.
        let parsed: IPAddress? = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self,
            capacity: Self.textLimitBytes + 1
        ) { text in
            for index in start..<end {
                unsafe text[index - start] = CChar(bitPattern: head[index])
            }
            unsafe text[end - start] = 0
            return unsafe Self.parse(text)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private static func parse(_ text: UnsafeMutableBufferPointer<CChar>) -> IPAddress? {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, text.baseAddress, &v4) == 1 {
            return IPAddress(v4: UInt32(bigEndian: v4.s_addr))
        }
        var v6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, text.baseAddress, &v6) == 1 else { return nil }
        return IPAddress(v6)
    }

    private static func isFiller(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "[")
            || byte == UInt8(ascii: "]")
    }
}
