import TestSupport
import Testing

@testable import Proxy

@Suite("IP address")
struct IPAddressTests {
    @Test(
        "a text is read",
        arguments: [
            ("0.0.0.0", 0, 0xFFFF_0000_0000),
            ("192.0.2.1", 0, 0xFFFF_C000_0201),
            ("255.255.255.255", 0, 0xFFFF_FFFF_FFFF),
            ("::", 0, 0),
            ("::1", 0, 1),
            ("[::1]", 0, 1),
            ("2001:db8::1", 0x2001_0DB8_0000_0000, 1),
            ("2001:DB8:1:2:3:4:5:6", 0x2001_0DB8_0001_0002, 0x0003_0004_0005_0006),
            ("::ffff:192.0.2.1", 0, 0xFFFF_C000_0201),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UInt64.max, UInt64.max),
        ] as [(String, UInt64, UInt64)]
    )
    func reads(text: String, high: UInt64, low: UInt64) {
        #expect(IPAddress(text) == IPAddress(high: high, low: low))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", " ", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1.1", "192.0.2.1 ",
            " 192.0.2.1", "0x7f.0.0.1", "127.1", "2130706433", "192.0.2.1:80", "192.0.2.1/32",
            "[192.0.2.1]", "192.0.2.1\0", "::1\0::2", ":::", "1::2::3", "::g", "12345::",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "[::1", "::1]", "[]", "[[::1]]", "[::1]:80",
            "fe80::1%eth0",
        ]
    )
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "it is written in its shortest form",
        arguments: [
            "0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "1::", "2001:db8::1",
            "2001:db8:0:1:1:1:1:1", "fe80::1:0:0:1",
        ]
    )
    func writes(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test func `only mapped addresses are IPv4`() {
        #expect(IPAddress("192.0.2.1")?.isV4 == true)
        #expect(IPAddress("::ffff:192.0.2.1")?.isV4 == true)
        #expect(IPAddress("::192.0.2.1")?.isV4 == false)
        #expect(IPAddress("::1:ffff:c000:201")?.isV4 == false)
    }

    @Test func `random addresses survive their way through text and the kernel's form`() {
        var random = SeededRandom(seed: 1)
        for round in 0..<2_000 {
            // Zero groups, so that every way to shorten occurs.
            let mask = (0..<4).reduce(0 as UInt64) { mask, _ in
                mask << 16 | (Bool.random(using: &random) ? 0xFFFF : 0)
            }
            let address =
                round % 4 == 0
                ? IPAddress(v4: UInt32.random(in: 0 ... .max, using: &random))
                : IPAddress(high: random.next() & mask, low: random.next() & ~mask)

            #expect(IPAddress(address.description) == address)
            #expect(IPAddress(address.in6) == address)
        }
    }
}
