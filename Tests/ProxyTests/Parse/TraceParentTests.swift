import Testing

@testable import Proxy

@Suite("traceparent")
struct TraceParentTests {
    private static let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private static func read(_ text: String) -> TraceParent? {
        let bytes = Array("x\(text)y".utf8)
        return TraceParent(bytes.span, 1..<bytes.count - 1)
    }

    @Test func `the trace is read from its place`() {
        let expected = TraceParent(traceID: (0x0af7_6519_16cd_43dd, 0x8448_eb21_1c80_319c))

        #expect(Self.read(Self.good) == expected)
        // A later version may say more behind what is known.
        #expect(Self.read("01" + Self.good.dropFirst(2) + "-more") == expected)
        #expect(Self.read("cc" + Self.good.dropFirst(2)) == expected)
    }

    @Test(arguments: [
        "", "00", String(good.dropLast()), good + "0", good + "-01", good.uppercased(),
        "ff" + good.dropFirst(2), "0x" + good.dropFirst(2), "01" + good.dropFirst(2) + "x",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
    ])
    func `what is not valid is no trace`(text: String) {
        #expect(Self.read(text) == nil)
    }
}
