import Foundation
import Testing

@Suite("Documents")
struct DocumentTests {
    static let documents = Tree.others.filter { $0.path.hasSuffix(".md") }

    @Test func `README names the two commands`() throws {
        let readme = try #require(Tree.file("README.md"))

        #expect(readme.text.contains("make run"))
        #expect(readme.text.contains("make test"))
    }

    @Test func `every relative link leads to a file`() {
        for document in Self.documents {
            let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
            let targets =
                document.text.matches(of: /\]\(([^)\s]+)\)/).map(\.1)
                + document.text.matches(of: /(?:src|href)="([^"]+)"/).map(\.1)
            for target in targets where !target.contains("://") && !target.hasPrefix("#") {
                let path = target.prefix { $0 != "#" }
                let place = folder.isEmpty ? String(path) : "\(folder)/\(path)"
                #expect(Tree.exists(place), "\(document.path) links to \(target)")
            }
        }
    }

    @Test func `every anchor within a document names a heading`() {
        for document in Self.documents {
            let anchors = Set(document.lines.filter { $0.hasPrefix("#") }.map(Self.anchor))
            for match in document.text.matches(of: /\]\(#([^)\s]+)\)/) {
                #expect(
                    anchors.contains(String(match.1)),
                    "\(document.path) links to #\(match.1)"
                )
            }
        }
    }

    @Test func `the configuration reference names every key of the schema`() throws {
        let schema = try #require(Tree.file("proxy.schema.json"))
        let reference = try #require(Tree.file("docs/configuration.md"))
        let json = try JSONSerialization.jsonObject(with: Data(schema.text.utf8))

        let keys = Self.keys(of: json)

        #expect(keys.contains("listeners"))
        for key in keys.sorted() {
            #expect(
                reference.text.contains("`\(key)`") || reference.text.contains(".\(key)`"),
                "docs/configuration.md does not explain \(key)"
            )
        }
    }

    @Test func `the admin reference names every route`() throws {
        let reference = try #require(Tree.file("docs/admin.md"))
        let routes = Set(
            Tree.files(under: "Sources/Admin/API", endings: ["swift"]).flatMap { file in
                file.text.matches(of: /"(\/[a-z][a-z\/-]*)"/).map { String($0.1) }
            }
        )

        #expect(routes.contains("/active-slot"))
        for route in routes.sorted() {
            #expect(reference.text.contains(route), "docs/admin.md does not explain \(route)")
        }
    }

    @Test func `the metrics reference names every metric`() throws {
        let reference = try #require(Tree.file("docs/admin.md"))
        let names = Set(
            Tree.files(under: "Sources/Admin/Metrics", endings: ["swift"]).flatMap { file in
                file.text.matches(of: /"([a-z]+(?:_[a-z]+)+)"/).map { String($0.1) }
            }
        )

        #expect(names.contains("http_requests_total"))
        for name in names.sorted() {
            #expect(reference.text.contains(name), "docs/admin.md does not explain \(name)")
        }
    }

    /// Property names at every depth of a schema.
    private static func keys(of json: Any) -> Set<String> {
        switch json {
        case let object as [String: Any]:
            let own = (object["properties"] as? [String: Any]).map { Set($0.keys) } ?? []
            return object.values.reduce(into: own) { $0.formUnion(keys(of: $1)) }
        case let list as [Any]: return list.reduce(into: []) { $0.formUnion(keys(of: $1)) }
        default: return []
        }
    }

    /// The anchor that a heading gets: lower case, words joined by hyphens.
    private static func anchor(of heading: Substring) -> String {
        heading.drop { $0 == "#" || $0 == " " }.lowercased()
            .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            .replacing(" ", with: "-")
    }
}
