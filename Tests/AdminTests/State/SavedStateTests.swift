import Proxy
import Testing

@testable import Admin

@Suite("Saved state")
struct SavedStateTests {
    private static let text = SavedState.sample.fileText

    @Test func `a state is read as it was written`() throws {
        #expect(try SavedState(fileText: Self.text) == .sample)
        #expect(try SavedState(fileText: SavedState.successor.fileText) == .successor)
    }

    @Test func `the beginning of the split and the key of its sessions are kept`() throws {
        var state = SavedState.sample
        state.splitSince = 3
        state.sessionKey = SessionKey(secret: "a")

        #expect(try SavedState(fileText: state.fileText) == state)
    }

    @Test func `a canary at rest differs from none`() throws {
        var atRest = SavedState.successor
        atRest.canary = Weight.none

        let read = try SavedState(fileText: atRest.fileText)

        #expect(read.canary == Weight.none)
        #expect(read != .successor)
    }

    @Test func `the file is one JSON document`() throws {
        let json = try JSONParser.parse(Self.text)

        #expect(json["version"]?.integer == 1)
        #expect(json["state"]?["active"]?.string == "green")
        #expect(json["state"]?["history"]?.array?.count == 2)
    }

    @Test func `every flipped bit is noticed`() {
        for place in Self.text.indices {
            for bit in 0..<8 {
                var damaged = Self.text
                damaged[place] ^= 1 << bit
                #expect(
                    throws: SavedStateDamage.self,
                    "bit \(bit) of byte \(place), \(UnicodeScalar(Self.text[place]))"
                ) { try SavedState(fileText: damaged) }
            }
        }
    }

    @Test func `every truncation is noticed`() {
        for count in 0..<Self.text.count {
            #expect(throws: SavedStateDamage.self, "\(count) bytes") {
                try SavedState(fileText: Array(Self.text[..<count]))
            }
        }
    }

    @Test func `appended bytes are noticed`() {
        #expect(throws: SavedStateDamage.notWhole) {
            try SavedState(fileText: Self.text + [0x0A])
        }
    }

    @Test func `a later version is named`() {
        let text = String(decoding: Self.text, as: UTF8.self)
            .replacing("\"version\":1", with: "\"version\":12")

        #expect(throws: SavedStateDamage.unknownVersion("12")) {
            try SavedState(fileText: Array(text.utf8))
        }
    }

    @Test func `an edited file is refused even if it is JSON`() {
        let text = String(decoding: Self.text, as: UTF8.self)
            .replacing("\"active\":\"green\"", with: "\"active\":\"blues\"")

        #expect(throws: SavedStateDamage.wrongChecksum) {
            try SavedState(fileText: Array(text.utf8))
        }
    }
}
