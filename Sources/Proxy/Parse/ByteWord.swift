/// Up to eight bytes as a number, the first byte lowest, so that texts are compared in one step.
struct ByteWord: Equatable {
    var bits: UInt64

    /// No bytes.
    static var zero: ByteWord { ByteWord(bits: 0) }

    @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    /// The word of a text of at most eight ASCII characters, computed when compiling.
    @inline(__always)
    init(_ text: StaticString) {
        var bits: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            bits |= UInt64(unsafe text.utf8Start[index]) &<< UInt64(truncatingIfNeeded: index &<< 3)
        }
        self.init(bits: bits)
    }

    /// The first `count` bytes, others zero; `count` is in `0..<8`.
    @inline(__always)
    func prefix(_ count: Int) -> ByteWord {
        ByteWord(bits: bits & ~(~0 &<< UInt64(truncatingIfNeeded: count &<< 3)))
    }

    /// Whether the first `count` bytes are decimal digits and the others zero.
    @inline(__always)
    func isDecimal(_ count: Int) -> Bool {
        // A digit less 0x30 is at most 9, and then 0x76 more does not reach bit 7.
        let values = bits ^ ByteWord(bits: 0x3030_3030_3030_3030).prefix(count).bits
        let tooLarge = (values & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676 | values
        return tooLarge & 0x8080_8080_8080_8080 == 0
    }

    /// The same bytes with upper-case letters as lower-case ones.
    ///
    /// The five bytes above each alphabet change too, but none becomes a letter, digit or hyphen.
    @inline(__always)
    var lowercased: ByteWord { ByteWord(bits: bits | (bits & 0x4040_4040_4040_4040) &>> 1) }
}

extension Span<UInt8> {
    /// The byte at `offset`; behind the end it reads as zero, which heads do not contain.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        UInt(bitPattern: offset) < UInt(bitPattern: count) ? self[offset] : 0
    }

    /// The four bytes from `offset`, the first lowest; zero where fewer are left.
    @inline(__always)
    func fourBytes(at offset: Int) -> UInt32 {
        if count &- offset < 4 { return 0 }
        // Any four bytes are a number, and the load itself checks its bounds.
        let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return UInt32(littleEndian: bits)
    }

    /// The eight bytes from `offset`; bytes behind the end read as zero.
    @inline(__always)
    func word(at offset: Int) -> ByteWord {
        if count &- offset >= 8 {
            // Any eight bytes are a number, and the load itself checks its bounds.
            let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return ByteWord(bits: UInt64(littleEndian: bits))
        }
        return lastWord(at: offset)
    }

    /// As `word(at:)`, where fewer than eight bytes are left.
    @inline(never)
    private func lastWord(at offset: Int) -> ByteWord {
        var bits: UInt64 = 0
        var index = count
        while index > offset {
            index &-= 1
            bits = bits &<< 8 | UInt64(self[index])
        }
        return ByteWord(bits: bits)
    }
}
