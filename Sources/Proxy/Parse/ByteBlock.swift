/// Sixteen bytes that are looked at together, for the classes that most of a head consists of.
struct ByteBlock {
    private let bytes: SIMD16<UInt8>

    @inline(__always)
    fileprivate init(_ bytes: SIMD16<UInt8>) { self.bytes = bytes }

    @inline(__always)
    fileprivate init(low: UInt64, high: UInt64) {
        let words = SIMD2<UInt64>(low.littleEndian, high.littleEndian)
        // Both have 16 bytes, and any of them make such a vector.
        bytes = unsafe unsafeBitCast(words, to: SIMD16<UInt8>.self)
    }

    @inline(__always)
    fileprivate var words: (low: UInt64, high: UInt64) { Self.words(bytes) }

    /// The same bytes in lower case, if they are letters and hyphens.
    @inline(__always)
    var lowercasedWords: (first: ByteWord, second: ByteWord) {
        let words = Self.words(bytes | Self.each(0x20))
        return (ByteWord(bits: words.low), ByteWord(bits: words.high))
    }

    /// Controls (the tab too) and DEL: what ends or spoils a field value.
    @inline(__always)
    var controls: ByteMarks {
        Self.marks((bytes .< Self.each(0x20)) .| (bytes .== Self.each(0x7F)))
    }

    /// All but letters and the hyphen, which most field names consist of.
    @inline(__always)
    var uncommonInNames: ByteMarks {
        Self.marks(.!(isLetter .| (bytes .== Self.each(0x2D))))
    }

    /// All but letters, digits, the hyphen and the dot, which most host names consist of.
    @inline(__always)
    var uncommonInHosts: ByteMarks {
        let isHyphenToNine = bytes &- Self.each(0x2D) .< Self.each(0x3A - 0x2D)
        let isSlash = bytes .== Self.each(0x2F)
        return Self.marks(.!(isLetter .| isHyphenToNine) .| isSlash)
    }

    /// All but visible ASCII, and of that `?` and `#`: what ends or spoils a path.
    @inline(__always)
    var pathEnds: ByteMarks {
        Self.marks(isNotInTarget .| (bytes .== Self.each(0x3F)))
    }

    /// All but visible ASCII, and of that `#`: what ends or spoils a target.
    @inline(__always)
    var targetEnds: ByteMarks { Self.marks(isNotInTarget) }

    @inline(__always)
    private var isLetter: SIMDMask<SIMD16<Int8>> {
        let fromA = (bytes | Self.each(0x20)) &- Self.each(0x61)
        return fromA .< Self.each(26)
    }

    @inline(__always)
    private var isNotInTarget: SIMDMask<SIMD16<Int8>> {
        let isVisible = bytes &- Self.each(0x21) .< Self.each(0x7F - 0x21)
        return .!isVisible .| (bytes .== Self.each(0x23))
    }

    /// The same value in each byte.
    ///
    /// Its type is spelled out, for where it is inferred comparisons become loops (Swift 6.3).
    @inline(__always)
    private static func each(_ byte: UInt8) -> SIMD16<UInt8> { SIMD16<UInt8>(repeating: byte) }

    @inline(__always)
    private static func marks(_ mask: SIMDMask<SIMD16<Int8>>) -> ByteMarks {
        // A mask is a vector of bytes that are 0 or -1.
        let words = words(unsafe unsafeBitCast(mask, to: SIMD16<UInt8>.self))
        return ByteMarks(low: words.low, high: words.high)
    }

    @inline(__always)
    private static func words(_ bytes: SIMD16<UInt8>) -> (low: UInt64, high: UInt64) {
        // Both have 16 bytes, and any of them make numbers.
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
    }
}

/// Which bytes of a block belong to a class: a byte of ones for each, eight in a word.
struct ByteMarks {
    let low, high: UInt64

    @inline(__always)
    var isEmpty: Bool { low | high == 0 }

    /// Where the first marked byte is; 16 where there is none.
    @inline(__always)
    var first: Int {
        if low != 0 { return low.trailingZeroBitCount &>> 3 }
        return 8 &+ high.trailingZeroBitCount &>> 3
    }
}

extension Span<UInt8> {
    /// The sixteen bytes from `offset`; bytes behind the end read as zero, which ends all classes.
    @inline(__always)
    func block(at offset: Int) -> ByteBlock {
        if count &- offset >= 16 {
            // Any sixteen bytes are such a vector, and the load itself checks its bounds.
            return ByteBlock(
                unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
            )
        }
        return lastBlock(at: offset)
    }

    /// As `block(at:)`, where fewer than sixteen bytes are left.
    @inline(never)
    private func lastBlock(at offset: Int) -> ByteBlock {
        let lastStart = count &- 16
        let missing = offset &- lastStart
        if lastStart < 0 || missing >= 16 {
            return ByteBlock(low: word(at: offset).bits, high: word(at: offset &+ 8).bits)
        }
        // The last sixteen bytes, shifted down by those that are not asked for.
        let words = block(at: lastStart).words
        let all = UInt128(_low: words.low, _high: words.high)
        let shifted = all &>> UInt128(truncatingIfNeeded: missing &<< 3)
        return ByteBlock(low: shifted._low, high: shifted._high)
    }
}
