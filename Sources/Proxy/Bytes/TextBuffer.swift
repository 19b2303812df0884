/// A small buffer for text that is made per request: field lines, error bodies, log lines.
///
/// Invariant: `count <= capacity`. What does not fit traps: callers bound what they write.
@safe struct TextBuffer: ~Copyable {
    let capacity: Int
    private let storage: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
    }

    deinit { unsafe storage.deallocate() }

    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: storage, count: count)
    }

    var freeCount: Int { capacity - count }

    mutating func removeAll() { count = 0 }

    mutating func append(_ byte: UInt8) {
        precondition(count < capacity, "text buffer overflow")
        unsafe storage[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        precondition(length <= freeCount, "text buffer overflow")
        unsafe (storage + count).update(from: text.utf8Start, count: length)
        count += length
    }

    mutating func append(_ bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCount, "text buffer overflow")
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (storage + count).update(from: base, count: source.count)
        }
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// A part of the buffer's unread bytes.
    mutating func append(_ range: ByteRange, of buffer: borrowing Buffer) {
        append(buffer.unread.extracting(range.range))
    }

    mutating func append(decimal value: UInt64) {
        guard value >= 10 else { return append(0x30 + UInt8(truncatingIfNeeded: value)) }
        var digits = 2
        var power: UInt64 = 100
        while value >= power, digits < 20 {
            digits += 1
            power = digits < 20 ? power &* 10 : .max
        }
        precondition(digits <= freeCount, "text buffer overflow")
        var rest = value
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            unsafe storage[place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// Sixteen lower-case hexadecimal digits.
    mutating func append(hexadecimal value: UInt64) {
        precondition(freeCount >= 16, "text buffer overflow")
        let target = unsafe UnsafeMutableRawPointer(storage) + count
        unsafe target.storeBytes(of: Self.hexadecimalDigits(value >> 32), as: UInt64.self)
        unsafe (target + 8).storeBytes(of: Self.hexadecimalDigits(value), as: UInt64.self)
        count += 16
    }

    /// The eight digits of the low 32 bits, all at once: a nibble per byte, then its letter.
    private static func hexadecimalDigits(_ value: UInt64) -> UInt64 {
        var word = value & 0xFFFF_FFFF
        word = (word << 16 | word) & 0x0000_FFFF_0000_FFFF
        word = (word << 8 | word) & 0x00FF_00FF_00FF_00FF
        word = (word << 4 | word) & 0x0F0F_0F0F_0F0F_0F0F
        let isLetter = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (word &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).byteSwapped
    }

    /// Hexadecimal digits without leading zeros, as in a chunk size.
    mutating func append(shortHexadecimal value: UInt64) {
        var shift = value == 0 ? 0 : (63 - value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF
            append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
            shift -= 4
        }
    }

    /// `192.0.2.1` or the eight groups of an IPv6 address in their shortest form (RFC 5952 §4).
    mutating func append(_ address: IPAddress) {
        if address.isV4 {
            for place in UInt64(0)..<4 {
                if place > 0 { append(UInt8(ascii: ".")) }
                append(decimal: address.low >> (24 - 8 * place) & 0xFF)
            }
            return
        }
        appendV6(address)
    }
}
