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
}
