import Testing

@testable import Proxy

@Suite("Forwarded rule")
struct ForwardedRuleTests {
    private static func rule(_ trusted: [String]) throws -> ForwardedRule {
        var forwarded = Config.Forwarded()
        forwarded.trustedProxies = try trusted.map { try #require(AddressRange($0)) }
        return ForwardedRule(forwarded)
    }

    @Test(
        "the client is the last address that no trusted proxy has",
        arguments: [
            // Nobody forwarded anything.
            ("10.0.0.1", "", "10.0.0.1"),
            ("192.0.2.9", "", "192.0.2.9"),
            // Who is not trusted may write what he likes.
            ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.7, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.7, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.7,198.51.100.1,10.0.0.2,10.0.0.3", "198.51.100.1"),
            ("10.0.0.1", "10.0.0.9, 198.51.100.1", "198.51.100.1"),
            // Where all are trusted, the first one asked.
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            // What is no address ends the walk at the last one believed.
            ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "198.51.100.1,, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "198.51.100.1,", "10.0.0.1"),
            ("10.0.0.1", ",198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", ",", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1:4711", "10.0.0.1"),
            // Blanks and IPv6, in brackets or not.
            ("10.0.0.1", "\t 198.51.100.1 \t", "198.51.100.1"),
            ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "[2001:db8::1], fd00::5", "2001:db8::1"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ]
    )
    func client(peer: String, forwardedFor: String, expected: String) throws {
        let rule = try Self.rule(["10.0.0.0/8", "fd00::/8"])
        // Other fields stand around the value in the head.
        let before = raw("X-Forwarded-For: ")
        let value = raw(forwardedFor)
        let head = before + value + raw("\r\nA: 192.0.2.55\r\n")
        let range = ByteRange(before.count, before.count + value.count)

        let client = rule.client(
            peer: try #require(IPAddress(peer)),
            forwardedFor: range,
            in: head.span
        )

        #expect(client == IPAddress(expected))
    }

    @Test func `an element longer than any address is none`() throws {
        let rule = try Self.rule(["10.0.0.0/8"])
        let peer = try #require(IPAddress("10.0.0.1"))
        for count in [62, 63, 64, 8_000] {
            let head = [UInt8](repeating: UInt8(ascii: "1"), count: count)

            let client = rule.client(
                peer: peer,
                forwardedFor: ByteRange(0, count),
                in: head.span
            )

            #expect(client == peer)
        }
    }

    @Test func `without trusted proxies nobody is believed`() throws {
        let rule = try Self.rule([])

        #expect(!rule.trusts(IPAddress(v4: 0x7F00_0001)))
    }

    @Test func `any of the ranges is enough`() throws {
        let rule = try Self.rule(["10.0.0.0/8", "192.0.2.1"])

        #expect(rule.trusts(try #require(IPAddress("10.1.1.1"))))
        #expect(rule.trusts(try #require(IPAddress("192.0.2.1"))))
        #expect(!rule.trusts(try #require(IPAddress("192.0.2.2"))))
    }

    @Test func `the line of the request id begins as configured`() {
        var forwarded = Config.Forwarded()
        forwarded.requestID = "X-Trace"
        let rule = ForwardedRule(forwarded)

        #expect(rule.requestIDName == raw("X-Trace"))
        #expect(rule.requestIDLine == raw("X-Trace: "))
    }
}
