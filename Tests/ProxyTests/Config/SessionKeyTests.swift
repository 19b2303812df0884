import Testing

@testable import Proxy

@Suite("Session key")
struct SessionKeyTests {
    /// The key of the authors' test vectors: the bytes from 0 to 15.
    private static let key = SessionKey(hexadecimal: "07060504030201000f0e0d0c0b0a0908")

    @Test(
        "SipHash-2-4 as its authors compute it",
        arguments: [
            (0, 0x726F_DB47_DD0E_0E31), (1, 0x74F8_39C5_93DC_67FD), (8, 0x93F5_F579_9A93_2462),
            (15, 0xA129_CA61_49BE_45E5),
        ] as [(UInt8, UInt64)]
    )
    func vectors(count: UInt8, tag: UInt64) throws {
        let key = try #require(Self.key)

        #expect(key.tag(of: Array(0..<count)) == tag)
    }

    @Test func `a word is signed as its bytes are`() throws {
        let key = try #require(Self.key)

        #expect(key.tag(of: 0x0706_0504_0302_0100) == 0x93F5_F579_9A93_2462)
    }

    @Test func `a key is read as it was written`() {
        let key = SessionKey()

        #expect(SessionKey(hexadecimal: key.hexadecimal) == key)
        #expect(SessionKey() != key)
    }

    @Test(arguments: [
        "", "00", String(repeating: "g", count: 32), String(repeating: "A", count: 32),
    ])
    func `nothing else is a key`(text: String) {
        #expect(SessionKey(hexadecimal: text) == nil)
    }

    @Test func `a secret stands for one key, and another secret for another`() {
        #expect(SessionKey(secret: "a") == SessionKey(secret: "a"))
        #expect(SessionKey(secret: "a") != SessionKey(secret: "b"))
        #expect(SessionKey(secret: "") != SessionKey(secret: "\0"))
    }
}
