import Testing

@testable import Proxy

@Suite("Field names")
struct FieldNameTests {
    private static let known = FieldName.allCases.filter { $0 != .other }

    private func read(_ name: String) -> FieldReading? {
        let value = name.lowercased() == "transfer-encoding" ? "chunked" : "1"
        return readResponse(raw("HTTP/1.1 200 OK\r\n\(name): \(value)\r\n\r\n")).fields.first
    }

    @Test(arguments: known)
    func `a known name is recognised in every case`(name: FieldName) {
        let text = "\(name.text)"
        for written in [text, text.uppercased(), text.prefix(1).uppercased() + text.dropFirst()] {
            let bytes = raw(written)

            #expect(FieldName(NameKey(bytes.span, 0..<bytes.count)) == name)
            #expect(read(written)?.known == name)
        }
    }

    @Test(arguments: known)
    func `a name that differs in one byte is another`(name: FieldName) {
        let bytes = raw("\(name.text)")
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            let shortened = Array(bytes.dropLast(bytes.count - index))

            #expect(FieldName(NameKey(changed.span, 0..<changed.count)) != name)
            #expect(FieldName(NameKey(shortened.span, 0..<shortened.count)) != name)
        }
        let longer = bytes + raw("x")
        #expect(FieldName(NameKey(longer.span, 0..<longer.count)) != name)
    }

    @Test func `a key holds every known name`() {
        let longest = Self.known.map { "\($0.text)".utf8.count }.max()

        #expect(longest.map { $0 < NameKey.byteLimit } == true)
        #expect(FieldName.allCases.count <= 32)
        #expect(FieldName.other.text.utf8CodeUnitCount == 0)
    }

    @Test func `a name as long as a key or longer is none of the known ones`() {
        for count in [23, 24, 25, 33, 48, 100] {
            let bytes = Array(repeating: UInt8(ascii: "a"), count: count)

            #expect(FieldName(NameKey(bytes.span, 0..<count)) == .other)
        }
    }

    @Test func `hop-by-hop fields are those of RFC 9110 and their relatives`() {
        let names = Self.known.filter { $0.rules.contains(.hopByHop) }

        #expect(
            Set(names) == [
                .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings,
            ]
        )
    }

    @Test func `single-valued fields are those whose repetition is refused`() {
        let names = Self.known.filter { $0.rules.contains(.singleValued) }

        #expect(Set(names) == [.host, .contentLength, .transferEncoding, .expect])
    }

    @Test func `no field is both hop-by-hop and meant for the other end`() {
        for name in Self.known where name.rules.contains(.hopByHop) {
            #expect(!name.rules.contains(.endToEnd))
        }
        #expect(FieldName.other.rules.isEmpty)
    }

    @Test func `unknown fields of a head are other`() {
        #expect(read("X-Unknown")?.known == .other)
        #expect(read("Hosts")?.known == .other)
        #expect(read("Upgrade")?.known == .upgrade)
    }
}
