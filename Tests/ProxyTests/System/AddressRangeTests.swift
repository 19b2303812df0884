import TestSupport
import Testing

@testable import Proxy

@Suite("Address range")
struct AddressRangeTests {
    @Test(
        "a range contains what shares its prefix",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0", true),
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "9.255.255.255", false),
            ("10.0.0.0/8", "a00::", false),
            // Bits behind the prefix say nothing.
            ("10.1.2.3/8", "10.9.9.9", true),
            ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.128/25", "192.0.2.128", true),
            ("192.0.2.1/31", "192.0.2.0", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.0", false),
            ("192.0.2.1/32", "::ffff:192.0.2.1", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "::1", true),
            ("::/0", "192.0.2.1", true),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
            ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
            ("2001:db8::/64", "2001:db8:0:1::", false),
            ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
            ("2001:db8::/63", "2001:db8:0:1::", true),
            ("::1", "::1", true),
            ("::1/128", "::2", false),
            ("[fd00::]/8", "fd01::", true),
        ]
    )
    func contains(text: String, address: String, expected: Bool) throws {
        let range = try #require(AddressRange(text))

        #expect(range.contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
            "10.0.0.0/8/8", "10.0.0.0/x", "10.0.0.0/٨", "10/8", "::/129", "localhost/8",
        ]
    )
    func refuses(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `it agrees with a comparison bit by bit`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let base = IPAddress(high: random.next() | 1, low: random.next())
            let bits = Int.random(in: 0...128, using: &random)
            let range = try #require(AddressRange("\(base)/\(bits)"))
            for place in 0..<128 {
                let flipped = IPAddress(
                    high: place < 64 ? base.high ^ 1 << UInt64(63 - place) : base.high,
                    low: place < 64 ? base.low : base.low ^ 1 << UInt64(127 - place)
                )
                #expect(range.contains(flipped) == (place >= bits), "\(base)/\(bits) at \(place)")
            }
        }
    }
}
