/// Eight bytes that are looked at together; the first byte of the input is the lowest.
///
/// The `marks` of a class have bit 7 set in each byte that does not belong to it, and no other bit.
/// All of them are exact: the sums below stay within seven bits and never carry into the next byte.
struct ByteWord: Equatable {
    var bits: UInt64

    /// No bytes.
    static var zero: ByteWord { ByteWord(bits: 0) }

    /// The lower seven bits of each byte, then the eighth.
    private static var sevenBits: UInt64 { 0x7F7F_7F7F_7F7F_7F7F }
    private static var eighthBit: UInt64 { 0x8080_8080_8080_8080 }

    /// Where the first marked byte is, in `0...8`.
    @inline(__always)
    static func firstMark(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

    /// The same value in each byte.
    @inline(__always)
    private static func each(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Marks controls (the tab too) and DEL: what ends or spoils a field value.
    @inline(__always)
    var controlMarks: UInt64 {
        let low = bits & Self.sevenBits
        let atLeastSpace = low &+ Self.each(0x80 - 0x20)
        let isDelete = low &+ Self.each(0x80 - 0x7F)
        return ~(atLeastSpace & ~isDelete | bits) & Self.eighthBit
    }

    /// Marks all but letters and the hyphen, which most field names consist of.
    @inline(__always)
    var uncommonNameMarks: UInt64 {
        let low = bits & Self.sevenBits
        let lowercase = low | Self.each(0x20)
        let isLetter =
            (lowercase &+ Self.each(0x80 - 0x61)) & ~(lowercase &+ Self.each(0x80 - 0x7B))
        let isNotHyphen = (low ^ Self.each(0x2D)) &+ Self.sevenBits
        return ~(isLetter | ~isNotHyphen) & Self.eighthBit | bits & Self.eighthBit
    }

    /// Marks all but visible ASCII, and of that `?` and `#`: what ends or spoils a path.
    @inline(__always)
    var pathEndMarks: UInt64 {
        let low = bits & Self.sevenBits
        return queryEndMarks | ~((low ^ Self.each(0x3F)) &+ Self.sevenBits) & Self.eighthBit
    }

    /// Marks all but visible ASCII, and of that `#`: what ends or spoils a target.
    @inline(__always)
    var queryEndMarks: UInt64 {
        let low = bits & Self.sevenBits
        let isVisible = (low &+ Self.each(0x80 - 0x21)) & ~(low &+ Self.each(0x80 - 0x7F)) & ~bits
        let isNotHash = (low ^ Self.each(0x23)) &+ Self.sevenBits
        return ~(isVisible & isNotHash) & Self.eighthBit
    }

    /// Marks all but letters, digits, the hyphen and the dot, which most host names consist of.
    @inline(__always)
    var uncommonHostMarks: UInt64 {
        let low = bits & Self.sevenBits
        let lowercase = low | Self.each(0x20)
        let isLetter =
            (lowercase &+ Self.each(0x80 - 0x61)) & ~(lowercase &+ Self.each(0x80 - 0x7B))
        let isHyphenToNine = (low &+ Self.each(0x80 - 0x2D)) & ~(low &+ Self.each(0x80 - 0x3A))
        let isNotSlash = (low ^ Self.each(0x2F)) &+ Self.sevenBits
        return ~((isLetter | isHyphenToNine & isNotSlash) & ~bits) & Self.eighthBit
    }

    /// The first `count` bytes, others zero; `count` is in `0..<8`.
    @inline(__always)
    func prefix(_ count: Int) -> ByteWord {
        ByteWord(bits: bits & ~(~0 &<< UInt64(truncatingIfNeeded: count &<< 3)))
    }

    /// The same bytes with bit 5 set in each that has bit 6: letters turn lower case.
    ///
    /// No byte turns into a letter, digit or hyphen that was not one, in either case.
    @inline(__always)
    var lowercased: ByteWord { ByteWord(bits: bits | (bits & Self.each(0x40)) &>> 1) }
}

extension ByteWord {
    /// The word of a text of at most eight ASCII characters, computed when compiling.
    @inline(__always)
    init(_ text: StaticString) {
        var bits: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            bits |= UInt64(unsafe text.utf8Start[index]) &<< UInt64(truncatingIfNeeded: index &<< 3)
        }
        self.init(bits: bits)
    }
}

extension Span<UInt8> {
    /// The eight bytes from `offset`; bytes behind the end read as zero, which no class contains.
    @inline(__always)
    func word(at offset: Int) -> ByteWord {
        if offset <= count &- 8 {
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
