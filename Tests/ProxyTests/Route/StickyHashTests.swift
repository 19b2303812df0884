import Testing

@testable import Proxy

/// The expected numbers were computed by a program of its own from the algorithm as documented.
@Suite("Sticky hash")
struct StickyHashTests {
    @Test(
        "of bytes is the same in every version",
        arguments: [
            ("", 0xEFD0_1F60),
            ("a", 0x82A2_A958),
            ("switchyard", 0x5A00_B377),
            ("8f14e45fceea167a5a36dedd4bea2543", 0x344D_044A),
        ] as [(String, UInt32)]
    )
    func bytes(text: String, expected: UInt32) {
        #expect(StickyHash.of(Array(text.utf8).span) == expected)
    }

    @Test(
        "of an address is the same in every version",
        arguments: [
            ("127.0.0.1", 0xE2B8_DCD1),
            ("::ffff:127.0.0.1", 0xE2B8_DCD1),
            ("192.0.2.1", 0x8039_3182),
            ("192.0.2.2", 0x5FB7_FD08),
            ("2001:db8::1", 0xAD7C_7536),
            ("2001:db8:0:1::1", 0xCE7A_9B2D),
        ] as [(String, UInt32)]
    )
    func address(text: String, expected: UInt32) throws {
        let address = try #require(IPAddress(text))

        #expect(StickyHash.of(address) == expected)
    }

    @Test func `hosts of one IPv6 network share a hash`() throws {
        let first = try #require(IPAddress("2001:db8::1"))
        let later = try #require(IPAddress("2001:db8::9c1f:33ff:fe2a:1"))

        #expect(StickyHash.of(first) == StickyHash.of(later))
    }

    @Test func `every bit of an address turns about half of the hash's bits`() {
        let addresses = (0..<1_000 as Range<UInt32>).map { 0xC0A8_0000 + $0 }

        for bit in 0..<32 as Range<UInt32> {
            let turned = addresses.reduce(0) { sum, bits in
                let difference =
                    StickyHash.of(IPAddress(v4: bits))
                    ^ StickyHash.of(IPAddress(v4: bits ^ 1 << bit))
                return sum + difference.nonzeroBitCount
            }
            let mean = Double(turned) / Double(addresses.count)
            #expect((15.0...17.0).contains(mean), "bit \(bit) turns \(mean) of 32")
        }
    }

    @Test(
        "neighbouring addresses fill 64 bins evenly",
        arguments: ["10.0.0.0", "192.168.0.0", "203.0.113.0", "0.0.0.0"]
    )
    func uniformity(first: String) throws {
        let base = UInt32(truncatingIfNeeded: try #require(IPAddress(first)).low)
        var bins = [Double](repeating: 0, count: 64)

        for offset in 0..<65_536 as Range<UInt32> {
            bins[Int(StickyHash.of(IPAddress(v4: base &+ offset)) >> 26)] += 1
        }

        // Chi-squared with 63 degrees of freedom exceeds 126 once in 200 000 even hashes.
        let squares = bins.reduce(0) { $0 + ($1 - 1_024) * ($1 - 1_024) / 1_024 }
        #expect(squares < 126)
    }

    @Test func `numbered session names fill 64 bins evenly`() {
        var bins = [Double](repeating: 0, count: 64)

        for number in 0..<65_536 {
            bins[Int(StickyHash.of(Array("session-\(number)".utf8).span) >> 26)] += 1
        }

        let squares = bins.reduce(0) { $0 + ($1 - 1_024) * ($1 - 1_024) / 1_024 }
        #expect(squares < 126)
    }
}
