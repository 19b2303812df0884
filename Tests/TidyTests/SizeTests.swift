import Testing

@Suite("Sizes")
struct SizeTests {
    static let fileLimit = 400
    static let functionLimit = 60

    @Test func `no file is longer than the cap`() {
        for file in Tree.sources where file.lines.count - 1 > Self.fileLimit {
            Issue.record(
                """
                \(file.path) has \(file.lines.count - 1) lines, \(Self.fileLimit) at most: \
                split it by noun, then by role (Type+Role.swift)
                """
            )
        }
    }

    @Test func `no function is longer than the cap`() {
        for file in Tree.sources {
            for function in Self.functions(of: file) where function.length > Self.functionLimit {
                Issue.record(
                    """
                    \(file.path):\(function.line) has \(function.length) lines, \
                    \(Self.functionLimit) at most: let parents branch and leaves compute
                    """
                )
            }
        }
    }

    /// Functions by line and length.
    ///
    /// The formatter closes a body at the indentation of its head.
    static func functions(of file: SourceFile) -> [(line: Int, length: Int)] {
        let keywords: Set = ["func", "init", "deinit", "subscript"]
        let heads = file.words.filter { keywords.contains($0.text) && !$0.isMember }
        return heads.compactMap { head in
            let start = head.line - 1
            guard let last = file.lines[start].utf8.last,
                last == UInt8(ascii: "{") || last == UInt8(ascii: "(")
            else { return nil }
            let brace = file.lines[start].prefix { $0 == " " } + "}"
            let end = file.lines[(start + 1)...].firstIndex { $0.hasPrefix(brace) }
            return end.map { (head.line, $0 - start + 1) }
        }
    }

    @Test func `a function is measured from its head to its closing brace`() {
        let text = """
            struct A {
                init(
                    x: Int
                ) {
                    y = { x }
                }

                func one() { 1 }
                func two() -> Int {
                    2
                }
            }
            """

        let functions = Self.functions(of: SourceFile(Tree.File(path: "A.swift", text: text)))

        #expect(functions.map(\.line) == [2, 9])
        #expect(functions.map(\.length) == [5, 3])
    }
}
