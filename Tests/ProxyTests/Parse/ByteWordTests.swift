import Testing

@testable import Proxy

@Suite("Byte word")
struct ByteWordTests {
    @Test func `a text becomes the number that its bytes make in memory`() {
        #expect(ByteWord("").bits == 0)
        #expect(ByteWord("A").bits == 0x41)
        #expect(ByteWord("AB").bits == 0x4241)
        #expect(ByteWord("HTTP/1.1").bits == 0x312E_312F_5054_5448)
    }

    @Test(arguments: 0...20)
    func `bytes behind the end read as zero`(count: Int) {
        let bytes = (0..<count).map { UInt8($0 + 1) }

        for offset in 0...count {
            let word = bytes.span.word(at: offset)
            let read = (0..<8).map { UInt8(truncatingIfNeeded: word.bits >> (8 * $0)) }

            let expected = (0..<8).map { offset + $0 < count ? UInt8(offset + $0 + 1) : 0 }
            #expect(read == expected)
        }
    }

    @Test func `a prefix keeps the first bytes`() {
        let word = ByteWord("abcdefgh")

        #expect(word.prefix(0) == .zero)
        #expect(word.prefix(3) == ByteWord("abc"))
        #expect(word.prefix(7) == ByteWord("abcdefg"))
    }

    @Test func `lower-casing makes letters of letters alone`() {
        let lowercase = Array("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
        for byte in UInt8.min...UInt8.max {
            let changed = UInt8(truncatingIfNeeded: ByteWord(bits: UInt64(byte)).lowercased.bits)

            if lowercase.contains(changed) { #expect(changed == byte.lowercased) }
            if lowercase.contains(byte.lowercased) { #expect(changed == byte.lowercased) }
        }
    }

    @Test func `digits are decimal at each place, and no other bytes are`() {
        for count in 0..<8 {
            let digits = Array("98765432".utf8.prefix(count))
            let word = digits.span.word(at: 0)
            #expect(word.isDecimal(count))
            if count < 7 { #expect(!word.isDecimal(count + 1)) }
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var changed = digits
                    changed[place] = byte

                    let isDecimal = changed.span.word(at: 0).isDecimal(count)

                    #expect(isDecimal == byte.isDigit)
                }
            }
        }
    }

    @Test func `single bytes and four bytes behind the end read as zero`() {
        let bytes = raw("abcde")

        let single = (-1...5).map { bytes.span.byte(at: $0) }
        let four = (0...5).map { bytes.span.fourBytes(at: $0) }

        #expect(single == [0, 0x61, 0x62, 0x63, 0x64, 0x65, 0])
        #expect(four == [0x6463_6261, 0x6564_6362, 0, 0, 0, 0])
    }
}
