import Foundation

/// The repository as its own tests read it.
enum Tree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file with its path from the root.
    struct File: Sendable {
        let path: String
        let text: String

        var name: String { String(path.split(separator: "/").last ?? "") }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    /// Files of text that people read or machines run, but for Swift, of the whole repository.
    static let others = files(endings: ["md", "py", "json", "svg", "h", "yml"])

    /// Every Swift file, read and split into words once.
    static let sources = ["Sources", "Tests", "Benchmarks"].flatMap { folder in
        files(under: folder, endings: ["swift"]).map(SourceFile.init)
    }

    static func sources(under folder: String) -> [SourceFile] {
        sources.filter { $0.path.hasPrefix(folder + "/") }
    }

    /// All files below `folder` with one of the endings, in a stable order.
    static func files(under folder: String = "", endings: [String]) -> [File] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let walk = FileManager.default.enumerator(
            at: start,
            includingPropertiesForKeys: nil,
            options: .skipsHiddenFiles
        )
        let prefix = root.path().count + (root.path().hasSuffix("/") ? 0 : 1)
        return (walk?.compactMap { $0 as? URL } ?? [])
            .filter { endings.contains($0.pathExtension) }
            .compactMap { url in
                (try? String(contentsOf: url, encoding: .utf8)).map {
                    File(path: String(url.path().dropFirst(prefix)), text: $0)
                }
            }
            .sorted { $0.path < $1.path }
    }

    /// One file by its path; nil when there is none.
    static func file(_ path: String) -> File? {
        let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
        return text.map { File(path: path, text: $0) }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path())
    }
}
