import Testing

@testable import Proxy

@Suite("Session token")
struct SessionTokenTests {
    private let key = SessionKey(secret: "a")
    private let token = SessionToken(point: 0xDEAD_BEEF, slot: SlotID(1), generation: 7)

    private static func text(_ token: SessionToken, _ key: SessionKey) -> String {
        [token.word, key.tag(of: token.word)].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private func parsed(_ text: String) -> SessionToken? {
        let head = Array("c=\(text);".utf8)
        return SessionToken(parsing: head.span, ByteRange(2, head.count - 1), key: key)
    }

    @Test(arguments: [
        SessionToken(point: 0, slot: SlotID(0), generation: 0),
        SessionToken(point: .max, slot: SlotID(1), generation: 1),
        SessionToken(point: 1, slot: SlotID(0), generation: 0x7FFF_FFFF),
        SessionToken(point: 1 << 31, slot: SlotID(1), generation: 0x1_0000_0005),
    ])
    func `is read as it was written`(token: SessionToken) {
        #expect(parsed(Self.text(token, key)) == token)
    }

    @Test func `is nobody's who changes a single digit of it`() {
        let text = Array(Self.text(token, key))

        for place in text.indices {
            var changed = text
            changed[place] = text[place] == "0" ? "1" : "0"
            #expect(parsed(String(changed)) == nil, "digit \(place)")
        }
    }

    @Test func `is refused when another key signed it`() {
        #expect(parsed(Self.text(token, SessionKey(secret: "b"))) == nil)
    }

    @Test func `is refused in every other form`() {
        let text = Self.text(token, key)

        for other in ["", "0", text.dropLast() + "", text + "0", text.uppercased(), "\"\(text)\""] {
            #expect(parsed(other) == nil, "\(other)")
        }
    }
}
