/// The secret that signs session cookies: who does not know it makes none.
///
/// The signature is SipHash-2-4 (Aumasson, Bernstein, 2012), a keyed hash made for short messages:
/// a cookie costs some 30 ns, and neither a table nor an allocation.
package struct SessionKey: Sendable, Hashable {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// A new key, from the kernel's generator.
    package init() {
        var kernel = SystemRandomNumberGenerator()
        self.init(low: kernel.next(), high: kernel.next())
    }

    /// The key that `secret` stands for, the same wherever the secret is.
    package init(secret: String) {
        let bytes = Array(secret.utf8)
        let halves = [1, 2].map { SessionKey(low: 0, high: $0).tag(of: bytes) }
        self.init(low: halves[0], high: halves[1])
    }

    /// Reads what `hexadecimal` wrote; nil for anything else.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 32, digits.allSatisfy({ $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }),
            let low = UInt64(text.prefix(16), radix: 16),
            let high = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(low: low, high: high)
    }

    /// Thirty-two digits, for the state file.
    package var hexadecimal: String {
        [low, high].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The signature of the eight bytes of `message`, lowest first.
    func tag(of message: UInt64) -> UInt64 {
        var state = SipState(low, high)
        state.absorb(message)
        return state.finish(8 << 56)
    }

    /// The signature of any bytes.
    func tag(of bytes: [UInt8]) -> UInt64 {
        var state = SipState(low, high)
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word |= UInt64(byte) << UInt64(8 * (index % 8))
            guard index % 8 == 7 else { continue }
            state.absorb(word)
            word = 0
        }
        return state.finish(UInt64(bytes.count) << 56 | word)
    }
}

/// The four words of SipHash.
private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ low: UInt64, _ high: UInt64) {
        v0 = low ^ 0x736F_6D65_7073_6575
        v1 = high ^ 0x646F_7261_6E64_6F6D
        v2 = low ^ 0x6C79_6765_6E65_7261
        v3 = high ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    /// The hash, once the last word with the length in its highest byte is absorbed.
    mutating func finish(_ last: UInt64) -> UInt64 {
        absorb(last)
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, by: 13) ^ v0
        v0 = Self.rotate(v0, by: 32)
        v2 &+= v3
        v3 = Self.rotate(v3, by: 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, by: 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, by: 17) ^ v2
        v2 = Self.rotate(v2, by: 32)
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
