import Testing

@testable import Proxy

struct NameLengthsTests {
    private static func mayHave(_ count: Int, _ lengths: NameLengths) -> Bool {
        lengths.mayHave(
            Field(
                name: ByteRange(7, 7 + count),
                value: .empty,
                lineEnd: 0,
                known: .other,
                isRemoved: false
            )
        )
    }

    @Test func `names of other lengths are ruled out, and none of an own one`() {
        let lengths = NameLengths(of: [Array("x-slot".utf8), Array("traceparent".utf8)])

        for count in 1...200 {
            #expect(Self.mayHave(count, lengths) == [6, 11].contains(count), "\(count)")
        }
    }

    @Test func `every long name may be one of the long names`() {
        let lengths = NameLengths(of: [[UInt8](repeating: 0x78, count: 80)])

        #expect(Self.mayHave(80, lengths))
        #expect(Self.mayHave(63, lengths))
        #expect(!Self.mayHave(62, lengths))
    }

    @Test func `no names at all rule every field out`() {
        #expect(!(1...100).contains { Self.mayHave($0, NameLengths(of: [])) })
    }
}
