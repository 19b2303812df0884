import Testing

@testable import Proxy

@Suite("Backlog")
struct BacklogTests {
    private static func append(_ texts: [StaticString], to backlog: inout Backlog) {
        var list = SliceList()
        for text in texts { list.append(text) }
        backlog.append(list)
    }

    @Test func `it copies what the slices have left`() {
        var backlog = Backlog()
        #expect(backlog.isEmpty == true)
        var list = SliceList()
        list.append("abc")
        list.append("def")
        list.advance(2)

        backlog.append(list)

        #expect(backlog.left == raw("cdef"))
        #expect(backlog.count == 4)
    }

    @Test func `what comes later stands behind what is left`() {
        var backlog = Backlog()
        Self.append(["abc"], to: &backlog)
        backlog.consume(1)

        Self.append(["de", "f"], to: &backlog)
        Self.append([], to: &backlog)

        #expect(backlog.left == raw("bcdef"))
    }

    @Test func `with the last byte its memory goes`() {
        var backlog = Backlog()
        Self.append(["abc"], to: &backlog)

        backlog.consume(2)
        #expect(backlog.left == raw("c"))
        backlog.consume(1)

        #expect(backlog.isEmpty == true)
        #expect(unsafe backlog.bytes.baseAddress == nil)
        Self.append(["xy"], to: &backlog)
        #expect(backlog.left == raw("xy"))
        backlog.removeAll()
        #expect(backlog.isEmpty == true)
    }

    @Test func `it can be written out as one slice`() {
        var backlog = Backlog()
        var list = SliceList()
        list.append(backlog)
        #expect(list.isEmpty == true)

        Self.append(["ab", "cd"], to: &backlog)
        list.append(backlog)

        #expect(list.left == raw("abcd"))
        #expect(unsafe list.remaining.count == 1)
    }

    @Test func `more bytes written than there were trap`() async {
        await #expect(processExitsWith: .failure) {
            var backlog = Backlog()
            Self.append(["abc"], to: &backlog)
            backlog.consume(4)
        }
    }
}
