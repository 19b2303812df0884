import Testing

@Suite("Words of a source file")
struct SourceFileTests {
    @Test func `comments and strings have none`() {
        let text = #"""
            let a = b.c // not this
            let d = "nor \" this" + e
            let f = """
                nor this
                """ + g1
            """#

        let words = SourceFile(Tree.File(path: "A.swift", text: text)).words

        #expect(words.map(\.text) == ["let", "a", "b", "c", "let", "d", "e", "let", "f", "g1"])
        #expect(words.map(\.line) == [1, 1, 1, 1, 2, 2, 2, 3, 3, 5])
        #expect(words.filter(\.isMember).map(\.text) == ["c"])
    }
}
