import Testing

@testable import Proxy

@Suite("Byte block")
struct ByteBlockTests {
    /// A class of a block, and the bytes that it marks, one by one.
    private struct BlockClass {
        let name: String
        let marks: (ByteBlock) -> ByteMarks
        let contains: (UInt8) -> Bool
    }

    private static let letters = (UInt8(0x41)...0x5A).map { $0 } + (UInt8(0x61)...0x7A).map { $0 }

    private static var classes: [BlockClass] {
        [
            BlockClass(name: "controls", marks: \.controls) { $0 < 0x20 || $0 == 0x7F },
            BlockClass(name: "uncommon in names", marks: \.uncommonInNames) {
                !(letters + Array("-".utf8)).contains($0)
            },
            BlockClass(name: "uncommon in hosts", marks: \.uncommonInHosts) {
                !(letters + Array("0123456789-.".utf8)).contains($0)
            },
            BlockClass(name: "path ends", marks: \.pathEnds) {
                !(0x21...0x7E).contains($0) || $0 == 0x3F || $0 == 0x23
            },
            BlockClass(name: "target ends", marks: \.targetEnds) {
                !(0x21...0x7E).contains($0) || $0 == 0x23
            },
        ]
    }

    @Test(arguments: classes.indices)
    func `a class marks its bytes at each place and no others`(row: Int) {
        let blockClass = Self.classes[row]
        // A slash belongs to no class but the host's, a letter to none at all.
        for byte in UInt8.min...UInt8.max {
            for place in 0..<16 {
                var bytes = Array(repeating: UInt8(ascii: "a"), count: 16)
                bytes[place] = byte

                let first = blockClass.marks(bytes.span.block(at: 0)).first

                let expected = blockClass.contains(byte) ? place : 16
                #expect(first == expected, "\(blockClass.name): byte \(byte) at \(place)")
            }
        }
    }

    @Test func `the first of several marks counts`() {
        let bytes = raw("aaa\r\n67\t9abc\u{7F}\u{0}\u{FF}f")

        let marks = bytes.span.block(at: 0).controls

        #expect(marks.first == 3)
    }

    @Test(arguments: 0...40)
    func `bytes behind the end read as zero`(count: Int) {
        let bytes = Array(repeating: UInt8(ascii: "z"), count: count)

        for offset in 0...count {
            let (first, second) = bytes.span.block(at: offset).lowercasedWords
            let left = count - offset
            let words = [first.bits, second.bits]

            let read = (0..<16).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> (8 * ($0 % 8))) }

            // Lower-casing sets bit 5, in zero bytes too.
            let expected = (0..<16).map { $0 < left ? UInt8(ascii: "z") : 0x20 }
            #expect(read == expected, "at \(offset) of \(count)")
            #expect(bytes.span.block(at: offset).controls.first == min(left, 16))
        }
    }

    @Test func `words come in the order of the bytes`() {
        let bytes = raw("ABCDEFGH-jklmnop")

        let (first, second) = bytes.span.block(at: 0).lowercasedWords

        #expect(first == ByteWord("abcdefgh"))
        #expect(second == ByteWord("-jklmnop"))
    }
}
