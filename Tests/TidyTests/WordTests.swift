import Testing

@Suite("Words that code does without")
struct WordTests {
    /// A word, where it may not stand, what to use instead.
    struct Rule: Sendable, CustomTestStringConvertible {
        let word: String
        let folders: [String]
        var spares: [String: String] = [:]
        let instead: String

        var testDescription: String { "\(word) in \(folders.joined(separator: ", "))" }
    }

    static let everywhere = ["Package.swift", "Sources", "Tests", "Benchmarks"]
    static let hotPath = [
        "System", "Bytes", "Loop", "Accept", "Parse", "Route", "Upstream", "Record", "Relay",
        "Health", "Worker",
    ].map { "Sources/Proxy/" + $0 }

    static let rules = [
        Rule(
            word: #"\bpublic\b"#,
            folders: ["Sources"],
            instead: "package, for what other modules use"
        ),
        Rule(
            word: #"\bimport Foundation\b"#,
            folders: ["Sources"],
            instead: "FoundationEssentials: Foundation alone costs megabytes at start"
        ),
        Rule(
            word: #"\bimport Dispatch\b"#,
            folders: ["Sources"],
            instead: "a thread with a name and an end that somebody waits for"
        ),
        Rule(
            word: #"\bfatalError\("#,
            folders: ["Sources"],
            instead: "preconditionFailure with both names, or an error that is thrown"
        ),
        Rule(
            word: #"\bimport FoundationEssentials\b"#,
            folders: hotPath,
            instead: "Config/, Admin, or bytes"
        ),
        Rule(word: #"\bany [A-Z]"#, folders: hotPath, instead: "a concrete type or a generic"),
        Rule(word: #"\b(async|await|Task)\b"#, folders: hotPath, instead: "an event of the loop"),
        Rule(word: #"\bprint\("#, folders: hotPath, instead: "a counter or the access log"),
        Rule(word: #"\bMutex\b"#, folders: hotPath, instead: "the mailbox, or one writer"),
        Rule(
            word: #"\bString\b"#,
            folders: hotPath,
            spares: textSpares,
            instead: "bytes: a Span, a ByteRange or TextBuffer"
        ),
        Rule(
            word: #"\bUnsafe\w+"#,
            folders: hotPath.filter { !$0.hasSuffix("/System") && !$0.hasSuffix("/Bytes") },
            instead: "a @safe type of System/ or Bytes/ that hands out a Span"
        ),
    ]

    /// Files beside the hot path in which text is the matter itself.
    static let textSpares: [String: String] = [
        "Sources/Proxy/System/IPAddress.swift": "parses and prints addresses of the configuration",
        "Sources/Proxy/System/SocketAddress.swift": "prints addresses for people",
        "Sources/Proxy/Record/Statistics.swift": "names for the admin port",
    ]

    @Test(arguments: rules)
    func `a word stands only where it may`(rule: Rule) throws {
        let pattern = try Regex(rule.word)
        var spared: Set<String> = []
        for file in Tree.swift(under: "Sources", "Tests", "Benchmarks")
        where rule.folders.contains(where: { file.path.hasPrefix($0) }) {
            for (index, line) in file.code.enumerated() where line.contains(pattern) {
                if rule.spares[file.path] != nil {
                    spared.insert(file.path)
                } else {
                    Issue.record("\(file.path):\(index + 1) \(rule.word): use \(rule.instead)")
                }
            }
        }
        #expect(
            Set(rule.spares.keys).subtracting(spared).isEmpty,
            "spared files that need it no longer"
        )
    }

    @Test func `nothing is left to be done later`() {
        // Put together, so that this file does not name what it forbids.
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        for file in Tree.files(endings: ["swift", "md", "py", "json", "h"]) {
            for (index, line) in file.lines.enumerated() {
                for mark in marks where line.contains(mark) {
                    Issue.record("\(file.path):\(index + 1) \(mark): do it, or file an issue")
                }
            }
        }
    }

    @Test func `no path of one machine is written down`() {
        let places = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/"]
        for file in Tree.files(endings: ["swift", "md", "py", "json", "svg", "h"]) {
            for (index, line) in file.lines.enumerated() {
                for place in places where line.contains(place) {
                    Issue.record("\(file.path):\(index + 1) \(place): name it from the root")
                }
            }
        }
    }
}
