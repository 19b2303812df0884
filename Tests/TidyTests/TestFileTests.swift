import Testing

@Suite("Test files")
struct TestFileTests {
    /// Folders whose every file has a test file, and where those are.
    static let folders = [
        ("Sources/Proxy/Parse", "Tests/ProxyTests/Parse"),
        ("Sources/Proxy/Route", "Tests/ProxyTests/Route"),
        ("Sources/Proxy/Upstream", "Tests/ProxyTests/Upstream"),
        ("Sources/Proxy/Config", "Tests/ProxyTests/Config"),
        ("Sources/Admin/State", "Tests/AdminTests/State"),
        ("Sources/Admin/Rollout", "Tests/AdminTests/Rollout"),
    ]

    /// Files that hold nothing but declarations, so that nothing of theirs can be wrong alone.
    static let declarations: Set<String> = [
        "Sources/Proxy/Config/Config.swift",
        "Sources/Proxy/Config/Config+Rollout.swift",
    ]

    @Test(arguments: folders)
    func `every file has a test file named after it`(sources: String, tests: String) {
        let files = Tree.sources(under: sources)
        #expect(!files.isEmpty, "nothing in \(sources)")
        for file in files where !Self.declarations.contains(file.path) {
            let name = file.name.dropLast(".swift".count)
            let noun = name.prefix { $0 != "+" }
            let places = [name, noun].map { "\(tests)/\($0)Tests.swift" }
            #expect(
                places.contains(where: Tree.exists),
                "\(file.path) has no test: write \(places[0])"
            )
        }
    }
}
