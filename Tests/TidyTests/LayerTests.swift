import Testing

@Suite("Layers of Proxy")
struct LayerTests {
    /// Folders of `Sources/Proxy`, lowest first.
    ///
    /// A file names types of its own folder or of folders before it. The order is that of a
    /// request, but Record stands before Relay, which calls it.
    static let layers = [
        "System", "Bytes", "Loop", "Config", "Accept", "Parse", "Route", "Upstream", "Record",
        "Relay", "Health", "Worker", "ProxyServer.swift",
    ]

    static func layer(of file: Tree.File) -> Int? {
        layers.firstIndex { file.path.hasPrefix("Sources/Proxy/\($0)") }
    }

    @Test func `every file of the module is in a layer`() {
        let strays = Tree.swift(under: "Sources/Proxy").filter { Self.layer(of: $0) == nil }

        #expect(strays.map(\.path) == [])
    }

    @Test func `no layer names a type of a layer above it`() {
        let files = Tree.swift(under: "Sources/Proxy").compactMap { file in
            Self.layer(of: file).map { (file: file, layer: $0, code: file.code) }
        }
        var owner: [Substring: Int] = [:]
        for (_, layer, code) in files {
            for line in code {
                for match in line.matches(
                    of: /\b(?:struct|class|enum|protocol|typealias) ([A-Z]\w+)/
                ) {
                    // A name that two layers declare counts as the lower one's.
                    owner[match.1] = min(layer, owner[match.1] ?? layer)
                }
            }
        }
        for (file, layer, code) in files {
            for (index, line) in code.enumerated() {
                for match in line.matches(of: /(?:^|[^.\w])([A-Z]\w+)/) {
                    guard let above = owner[match.1], above > layer else { continue }
                    Issue.record(
                        "\(file.path):\(index + 1) uses \(match.1), which belongs to \(Self.layers[above]), above"
                    )
                }
            }
        }
    }
}
