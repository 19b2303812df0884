import TestSupport
import Testing

@testable import Proxy

@Suite("Addresses in a text buffer")
struct TextBufferAddressTests {
    @Test(
        "an address is written as RFC 5952 wants it",
        arguments: [
            ("0.0.0.0", "0.0.0.0"),
            ("192.0.2.1", "192.0.2.1"),
            ("255.255.255.255", "255.255.255.255"),
            ("::ffff:10.0.100.9", "10.0.100.9"),
            // §4.1: no leading zeros.
            ("2001:0db8::0001", "2001:db8::1"),
            ("2001:db8:aaaa:bbbb:cccc:dddd:0eee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eee:1"),
            // §4.2.1: shortened as much as possible.
            ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("0:0:0:0:0:0:0:0", "::"),
            ("0:0:0:0:0:0:0:1", "::1"),
            ("1:0:0:0:0:0:0:0", "1::"),
            // §4.2.2: one group of zeros alone stays.
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1"),
            ("1:1:1:1:1:1:1:0", "1:1:1:1:1:1:1:0"),
            ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"),
            // §4.2.3: the longest run, of equal ones the first.
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"),
            ("0:0:1:1:1:0:0:0", "0:0:1:1:1::"),
            ("1:1:0:0:0:0:0:0", "1:1::"),
            // §4.3: lower case.
            ("2001:DB8:ABCD:EF01::FFFF", "2001:db8:abcd:ef01::ffff"),
            ("FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ]
    )
    func shortest(text: String, expected: String) throws {
        let address = try #require(IPAddress(text))

        #expect(written { $0.append(address) } == expected)
    }

    @Test(arguments: 0...255 as ClosedRange<UInt64>)
    func `every pattern of zero groups reads back as the same address`(pattern: UInt64) {
        let groups = (0..<8 as Range<UInt64>).map { (pattern >> $0 & 1) * (0x10 + $0) }
        let address = IPAddress(
            high: groups[..<4].reduce(0) { $0 << 16 | $1 },
            low: groups[4...].reduce(0) { $0 << 16 | $1 }
        )

        let text = written { $0.append(address) }

        #expect(IPAddress(text) == address, "\(text)")
    }

    @Test func `random IPv4 addresses read back as the same ones`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let address = IPAddress(v4: UInt32.random(in: 0 ... .max, using: &random))

            #expect(IPAddress(written { $0.append(address) }) == address)
        }
    }
}
