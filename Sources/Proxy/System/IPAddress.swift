import CLinux
import Glibc

/// An IPv4 or IPv6 address; 128 bits, IPv4 as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
package struct IPAddress: Sendable, Hashable {
    /// The address in host byte order, most significant half first.
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(v4 bits: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits))
    }

    package var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Parses `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; nil for anything else.
    package init?(_ text: String) {
        // For inet_pton, which reads a C string, a zero byte would end the text.
        guard !text.utf8.contains(0) else { return nil }
        var text = text
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if isBracketed { text = String(text.dropFirst().dropLast()) }
        var v4 = in_addr()
        if !isBracketed, unsafe inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
            return
        }
        var v6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        self.init(v6)
    }

    init(_ v6: in6_addr) {
        let (high, low) = unsafe unsafeBitCast(v6, to: (UInt64, UInt64).self)
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    var in6: in6_addr {
        unsafe unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        if isV4 {
            return (0..<4).map { String(low >> (24 - 8 * UInt64($0)) & 0xFF) }
                .joined(separator: ".")
        }
        var address = in6
        return unsafe withUnsafeTemporaryAllocation(
            of: CChar.self,
            capacity: Int(INET6_ADDRSTRLEN)
        ) { text in
            guard
                unsafe inet_ntop(AF_INET6, &address, text.baseAddress, socklen_t(text.count))
                    != nil,
                let start = text.baseAddress
            else { preconditionFailure("an IPv6 address fits INET6_ADDRSTRLEN") }
            return unsafe String(cString: start)
        }
    }
}

/// All addresses that share a prefix, such as `10.0.0.0/8`.
package struct AddressRange: Sendable, Hashable {
    package let base: IPAddress
    /// Of the 128 bits; an IPv4 prefix counts from 96.
    package let prefixBits: Int

    /// Parses `10.0.0.0/8`, `fd00::/8` or a single address; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(String(parts[0])) else { return nil }
        let width = base.isV4 ? 32 : 128
        var bits = width
        if parts.count == 2 {
            // Int takes a sign too.
            guard let parsed = Int(parts[1]), (0...width).contains(parsed),
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            bits = parsed
        }
        self.base = base
        prefixBits = 128 - width + bits
    }

    package func contains(_ address: IPAddress) -> Bool {
        let highMask = Self.mask(min(prefixBits, 64))
        let lowMask = Self.mask(max(prefixBits - 64, 0))
        return (address.high ^ base.high) & highMask == 0
            && (address.low ^ base.low) & lowMask == 0
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits == 0 ? 0 : ~0 << (64 - UInt64(bits))
    }
}
