import Testing

@testable import Admin

@Suite("CRC-32")
struct CRC32Tests {
    @Test(arguments: [
        ("", 0 as UInt32),
        ("a", 0xE8B7_BE43),
        ("123456789", 0xCBF4_3926),
        ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ])
    func `known texts have their known checksum`(text: String, expected: UInt32) {
        #expect(CRC32.checksum(of: text.utf8) == expected)
    }
}
