import TestSupport
import Testing

@testable import Proxy

/// The text that `write` leaves in a buffer.
func written(_ write: (inout TextBuffer) -> Void) -> String {
    var text = TextBuffer(capacity: 4_096)
    write(&text)
    return String(decoding: text.left, as: UTF8.self)
}

@Suite("Text buffer")
struct TextBufferTests {
    @Test func `pieces stand one behind the other`() {
        var buffer = Buffer(capacity: 16)
        buffer.append(raw("..middle.."))
        let text = written { text in
            text.append("first ")
            text.append(UInt8(ascii: "-"))
            text.append(raw(" "))
            text.append([] as [UInt8])
            text.append("")
            text.append(ByteRange(2, 8), of: buffer)
        }

        #expect(text == "first - middle")
    }

    @Test func `it counts what is in it and what fits`() {
        var text = TextBuffer(capacity: 5)
        text.append("abc")
        #expect(text.count == 3)
        #expect(text.freeCount == 2)

        text.removeAll()

        #expect(text.count == 0)
        #expect(text.freeCount == 5)
    }

    @Test(
        "a number is written in decimal",
        arguments: [
            0, 1, 9, 10, 11, 99, 100, 101, 999, 1_000, 65_535, 4_294_967_295, 4_294_967_296,
            999_999_999_999_999_999, 1_000_000_000_000_000_000, 9_999_999_999_999_999_999,
            10_000_000_000_000_000_000, UInt64.max - 1, UInt64.max,
        ] as [UInt64]
    )
    func decimal(value: UInt64) {
        #expect(written { $0.append(decimal: value) } == "\(value)")
    }

    @Test func `numbers of every size are written in decimal and hexadecimal`() {
        var random = SeededRandom(seed: 1)
        for round in 0..<2_000 as Range<UInt64> {
            let value = random.next() >> (round % 64)
            let short = String(value, radix: 16)

            #expect(written { $0.append(decimal: value) } == "\(value)")
            #expect(written { $0.append(shortHexadecimal: value) } == short)
            let padded = String(repeating: "0", count: 16 - short.count) + short
            #expect(written { $0.append(hexadecimal: value) } == padded)
        }
    }

    @Test(
        "a chunk size has no leading zeros",
        arguments: [
            (0, "0"), (1, "1"), (9, "9"), (10, "a"), (15, "f"), (16, "10"), (255, "ff"),
            (256, "100"), (0x1000_0000, "10000000"), (.max, "ffffffffffffffff"),
        ] as [(UInt64, String)]
    )
    func chunkSize(value: UInt64, expected: String) {
        #expect(written { $0.append(shortHexadecimal: value) } == expected)
    }

    @Test func `every hexadecimal digit is right at every place`() {
        #expect(written { $0.append(hexadecimal: 0) } == "0000000000000000")
        #expect(written { $0.append(hexadecimal: .max) } == "ffffffffffffffff")
        #expect(written { $0.append(hexadecimal: 0x0123_4567_89AB_CDEF) } == "0123456789abcdef")
        #expect(written { $0.append(hexadecimal: 0xFEDC_BA98_7654_3210) } == "fedcba9876543210")
    }

    @Test func `what just fits is written`() {
        var text = TextBuffer(capacity: 20)
        text.append(decimal: .max)
        #expect(text.freeCount == 0)

        text.removeAll()
        text.append("abcd")
        text.append(hexadecimal: 1)
        #expect(text.freeCount == 0)
    }

    @Test func `what does not fit traps`() async {
        await #expect(processExitsWith: .failure) {
            var text = TextBuffer(capacity: 0)
            text.append(UInt8(ascii: "a"))
        }
        await #expect(processExitsWith: .failure) {
            var text = TextBuffer(capacity: 2)
            text.append("abc")
        }
        await #expect(processExitsWith: .failure) {
            var text = TextBuffer(capacity: 2)
            text.append([1, 2, 3])
        }
        await #expect(processExitsWith: .failure) {
            var text = TextBuffer(capacity: 2)
            text.append(decimal: 100)
        }
        await #expect(processExitsWith: .failure) {
            var text = TextBuffer(capacity: 15)
            text.append(hexadecimal: 0)
        }
    }
}
