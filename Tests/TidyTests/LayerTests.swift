import Testing

@Suite("Layers of Proxy")
struct LayerTests {
    /// Folders of `Sources/Proxy`, lowest first.
    ///
    /// A file names types of its own folder or of folders before it. The order is that of a
    /// request, but Record stands before Upstream and Relay, which write what it keeps.
    static let layers = [
        "System", "Bytes", "Loop", "Config", "Accept", "Parse", "Route", "Record", "Upstream",
        "Relay", "Health", "Worker", "ProxyServer",
    ]

    static let files = Tree.sources(under: "Sources/Proxy")

    static func layer(of file: SourceFile) -> Int? {
        layers.firstIndex {
            file.path.hasPrefix("Sources/Proxy/\($0)/")
                || file.path.hasPrefix("Sources/Proxy/\($0).")
                || file.path.hasPrefix("Sources/Proxy/\($0)+")
        }
    }

    @Test func `every file of the module is in a layer`() {
        #expect(Self.files.filter { Self.layer(of: $0) == nil }.map(\.path) == [])
    }

    @Test func `no layer names a type of a layer above it`() {
        let owners = Self.owners()
        #expect(owners["ProxyServer"] == Self.layers.count - 1)
        for file in Self.files {
            guard let layer = Self.layer(of: file) else { continue }
            for word in file.words where !word.isMember {
                guard let owner = owners[word.text], owner > layer else { continue }
                Issue.record(
                    "\(file.path):\(word.line) uses \(word.text) of \(Self.layers[owner]), above it"
                )
            }
        }
    }

    /// The layer of each type; a name that two layers declare counts as the lower one's.
    private static func owners() -> [String: Int] {
        let keywords: Set = ["struct", "class", "enum", "protocol", "typealias"]
        var owners: [String: Int] = [:]
        for file in files {
            guard let layer = layer(of: file) else { continue }
            for (keyword, name) in zip(file.words, file.words.dropFirst())
            where keywords.contains(keyword.text) && name.text.first?.isUppercase == true {
                owners[name.text] = min(layer, owners[name.text] ?? layer)
            }
        }
        return owners
    }
}
