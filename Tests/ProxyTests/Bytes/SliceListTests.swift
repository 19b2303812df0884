import Testing

@testable import Proxy

@Suite("Slice list")
struct SliceListTests {
    @Test func `slices go out in the order they came in`() {
        var list = SliceList()
        #expect(list.isEmpty == true)

        list.append("GET ")
        list.append("")
        list.append("/ HTTP/1.1")

        #expect(list.left == raw("GET / HTTP/1.1"))
        #expect(list.byteCount == 14)
        #expect(unsafe list.remaining.count == 2, "an empty slice is left out")
    }

    @Test(arguments: 0...11)
    func `what was written is dropped, wherever the write ended`(written: Int) {
        var list = SliceList()
        for text in ["abc", "d", "efgh", "ijk"] as [StaticString] { list.append(text) }

        list.advance(written)

        #expect(list.left == Array(raw("abcdefghijk").dropFirst(written)))
        #expect(list.byteCount == 11 - written)
        #expect(list.isEmpty == (written == 11))
    }

    @Test func `a list that was written out takes a whole head again`() {
        var list = SliceList()
        for _ in 0..<3 {
            for _ in 0..<SliceList.capacity { list.append("ab") }
            list.advance(1)
            list.advance(list.byteCount)
            #expect(list.isEmpty == true)
        }
        for _ in 0..<SliceList.capacity { list.append("ab") }
        list.removeAll()

        #expect(list.isEmpty == true)
        #expect(unsafe list.remaining.count == 0)
    }

    @Test func `a copy has all that is left`() {
        var list = SliceList()
        list.append("abc")
        list.append("def")
        list.advance(4)
        var target = [UInt8](repeating: 0, count: 3)

        unsafe target.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return }
            unsafe list.copy(to: base)
        }

        #expect(target == raw("ef\0"))
    }

    @Test func `more slices than the capacity trap`() async {
        await #expect(processExitsWith: .failure) {
            var list = SliceList()
            for _ in 0...SliceList.capacity { list.append("a") }
        }
    }

    @Test func `more bytes written than there were trap`() async {
        await #expect(processExitsWith: .failure) {
            var list = SliceList()
            list.append("abc")
            list.advance(4)
        }
    }
}
