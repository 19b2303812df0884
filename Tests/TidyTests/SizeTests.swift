import Testing

@Suite("Sizes")
struct SizeTests {
    static let fileLimit = 400
    static let functionLimit = 60

    static let files = Tree.swift(under: "Sources", "Tests", "Benchmarks")

    @Test func `no file is longer than the cap`() {
        for file in Self.files where file.lines.count - 1 > Self.fileLimit {
            Issue.record(
                """
                \(file.path) has \(file.lines.count - 1) lines, \(Self.fileLimit) at most: \
                split it by noun, then by role (Type+Role.swift)
                """
            )
        }
    }

    @Test func `no function is longer than the cap`() {
        for file in Self.files {
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
    static func functions(of file: Tree.File) -> [(line: Int, length: Int)] {
        let code = file.code
        return code.indices.compactMap { start in
            let head = /(?:^|[^.\w])(?:func |init\b|deinit\b|subscript\b).*[({]$/
            guard code[start].contains(head) else { return nil }
            let brace = code[start].prefix { $0 == " " } + "}"
            let end = code[(start + 1)...].firstIndex { $0.hasPrefix(brace) }
            return end.map { (start + 1, $0 - start + 1) }
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

        let functions = Self.functions(of: Tree.File(path: "A.swift", text: text))

        #expect(functions.map(\.line) == [2, 9])
        #expect(functions.map(\.length) == [5, 3])
    }
}
