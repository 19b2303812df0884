import Testing

@testable import Proxy

@Suite("Byte comparison")
struct ByteComparisonTests {
    @Test func `runs of every length are equal, or differ at any byte`() {
        for length in 0...20 {
            let bytes = (0..<length).map { UInt8($0 + 1) }
            for padding in [0, 3, 8] {
                let other = [9, 9] + bytes + [UInt8](repeating: 9, count: padding)
                let range = ByteRange(2, 2 + length)
                let isEqual = bytes.span.hasBytes(at: 0, range, of: other.span)
                #expect(isEqual)
                for index in bytes.indices {
                    var changed = bytes
                    changed[index] ^= 0x80
                    let isStillEqual = changed.span.hasBytes(at: 0, range, of: other.span)
                    #expect(!isStillEqual)
                }
            }
        }
    }

    @Test func `letters alone have a second case`() {
        for byte in UInt8.min...UInt8.max {
            let lowercase = UnicodeScalar(byte).properties.lowercaseMapping.utf8.first ?? 0
            let expected = byte < 0x80 ? lowercase : byte
            for other in UInt8.min...UInt8.max {
                let isEqual = [byte].span.hasLowercaseBytes(
                    at: 0,
                    ByteRange(0, 1),
                    of: [other].span
                )
                #expect(isEqual == (other == expected))
            }
        }
    }

    @Test(
        "the host of an authority",
        arguments: [
            ("example.org", "example.org"), ("example.org:80", "example.org"),
            ("example.org.", "example.org"), ("example.org.:80", "example.org"),
            ("example.org:", "example.org"), ("[::1]", "[::1]"), ("[::1]:80", "[::1]"),
            ("10.0.0.1", "10.0.0.1"), ("10.0.0.1:80", "10.0.0.1"), ("a1", "a1"), ("", ""),
            (":80", ""),
        ]
    )
    func hostName(authority: String, host: String) {
        let bytes = Array("<\(authority)>".utf8)

        let name = bytes.span.hostName(of: ByteRange(1, bytes.count - 1))

        #expect(String(decoding: bytes[name.range], as: UTF8.self) == host)
    }
}
