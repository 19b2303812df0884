import Testing

@testable import Proxy

@Suite("Byte classes")
struct ByteClassTests {
    static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    static let digits = Array("0123456789".utf8)

    static let classes: [(name: String, is: ByteClass, of: [UInt8])] = [
        ("token", .token, letters + digits + Array("!#$%&'*+-.^_`|~".utf8)),
        ("host name", .hostName, letters + digits + Array("-._~%!$&'()*+;=".utf8)),
        ("bracketed address", .bracketedAddress, digits + Array("abcdefABCDEF:.".utf8)),
    ]

    @Test(arguments: classes.indices)
    func `a class has exactly the bytes that its RFC lists`(row: Int) {
        let (name, byteClass, listed) = Self.classes[row]

        let members = (UInt8.min...UInt8.max).filter { byteClass.contains($0) }

        #expect(members == listed.sorted(), "\(name)")
    }

    @Test func `text is every byte but controls, the tab excepted`() {
        let text = (UInt8.min...UInt8.max).filter(\.isText)

        #expect(text == [0x09] + Array(0x20...0x7E) + Array(0x80...0xFF))
    }

    @Test func `only upper-case letters change when lower-cased`() {
        let changed = (UInt8.min...UInt8.max).filter { $0.lowercased != $0 }

        #expect(changed == Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8))
        #expect(changed.map(\.lowercased) == Array("abcdefghijklmnopqrstuvwxyz".utf8))
    }

    @Test func `hexadecimal digits have their value in both cases and others have none`() {
        let values = (UInt8.min...UInt8.max).compactMap { byte in
            byte.hexValue.map { (byte, $0) }
        }

        #expect(values.count == 22)
        for (byte, value) in values {
            #expect(UInt8(String(UnicodeScalar(byte)), radix: 16) == value)
        }
    }
}
