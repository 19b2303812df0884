import Testing

@Suite("Words that code does without")
struct WordTests {
    /// Words, where they may not stand, what to use instead.
    struct Rule: Sendable, CustomTestStringConvertible {
        /// One that ends with `*` stands for all words that begin so.
        let words: Set<String>
        let folders: [String]
        /// Files with a reason why they may.
        var spares: [String: String] = [:]
        /// Only where a type follows: `any` is a keyword there, and a name elsewhere.
        var onlyBeforeTypes = false
        let instead: String

        var testDescription: String {
            words.sorted().joined(separator: ", ") + " in " + folders.joined(separator: ", ")
        }

        func forbids(_ word: SourceFile.Word, before next: SourceFile.Word?) -> Bool {
            if word.isMember { return false }
            if onlyBeforeTypes {
                guard next?.line == word.line, next?.text.first?.isUppercase == true else {
                    return false
                }
            }
            return words.contains(word.text)
                || words.contains { $0.hasSuffix("*") && word.text.hasPrefix($0.dropLast()) }
        }
    }

    /// Folders of code that a request runs through.
    static let requestPath = [
        "System", "Bytes", "Loop", "Accept", "Parse", "Route", "Record", "Upstream", "Relay",
        "Worker",
    ].map { "Sources/Proxy/" + $0 }

    static let rules = [
        Rule(words: ["public"], folders: ["Sources"], instead: "package, for other modules"),
        Rule(
            words: ["Foundation"],
            folders: ["Sources"],
            instead: "FoundationEssentials: Foundation costs megabytes at start"
        ),
        Rule(
            words: ["Dispatch", "DispatchQueue"],
            folders: ["Sources"],
            instead: "a thread with a name, whose end somebody waits for"
        ),
        Rule(
            words: ["fatalError"],
            folders: ["Sources"],
            instead: "preconditionFailure with a reason, or an error that is thrown"
        ),
        Rule(
            words: ["FoundationEssentials"],
            folders: requestPath + ["Sources/Proxy/Health"],
            instead: "bytes, or Config and Admin"
        ),
        Rule(
            words: ["any"],
            folders: requestPath + ["Sources/Proxy/Health"],
            onlyBeforeTypes: true,
            instead: "a concrete type or a generic"
        ),
        Rule(
            words: ["async", "await", "Task", "actor"],
            folders: requestPath + ["Sources/Proxy/Health"],
            instead: "an event of the loop"
        ),
        Rule(
            words: ["print", "debugPrint", "dump"],
            folders: requestPath + ["Sources/Proxy/Health"],
            instead: "a counter or the access log"
        ),
        Rule(
            words: ["Lock", "Mutex"],
            folders: requestPath,
            spares: lockSpares,
            instead: "one writer, or the snapshot"
        ),
        Rule(
            words: ["String"],
            folders: requestPath,
            spares: textSpares,
            instead: "bytes: a Span, a ByteRange, TextBuffer"
        ),
        Rule(
            words: ["CLOCK_REALTIME", "wallClockNanoseconds", "gettimeofday"],
            folders: requestPath + ["Sources/Proxy/Health"],
            spares: wallClockSpares,
            instead: "MonotonicTime: the wall clock may step"
        ),
        Rule(
            words: ["Unsafe*"],
            folders: ["Accept", "Route", "Upstream", "Worker"].map { "Sources/Proxy/" + $0 },
            instead: "a @safe type of System or Bytes that hands out a Span"
        ),
    ]

    static let lockSpares = [
        "Sources/Proxy/System/Lock.swift": "declares it",
        "Sources/Proxy/System/ThreadBox.swift": "taken once to start and once to join",
        "Sources/Proxy/Record/LogWriter.swift": "the log thread's file; workers have the ring",
        "Sources/Proxy/Upstream/Endpoint.swift": "the reason, for people; workers read the bits",
        "Sources/Proxy/Worker/WorkerThread.swift": "the control side's end of a worker",
    ]

    static let wallClockSpares = [
        "Sources/Proxy/System/MonotonicTime.swift": "declares it",
        "Sources/Proxy/Relay/Exchange+Log.swift": "the time in a log line",
        "Sources/Proxy/Relay/Exchange+CombinedLog.swift": "the time in a log line",
        "Sources/Proxy/Record/LaneCounters.swift": "the time of an exemplar",
        "Sources/Proxy/Bytes/TextBuffer+Date.swift": "the Date field, which is for people",
    ]

    static let textSpares = [
        "Sources/Proxy/Relay/WaitQueue.swift": "the name that finds a queue after a reload",
        "Sources/Proxy/Upstream/EjectionRules.swift": "names for the metrics",
        "Sources/Proxy/System/IPAddress.swift": "parses and prints addresses of the configuration",
        "Sources/Proxy/System/SocketAddress.swift": "prints addresses for people",
        "Sources/Proxy/System/SystemError.swift": "a call and its errno in words, at start",
        "Sources/Proxy/System/ThreadBox.swift": "the thread's name",
        "Sources/Proxy/Accept/InheritedSockets.swift": "addresses as written, at start",
        "Sources/Proxy/Accept/Listener.swift": "the address as written, at start",
        "Sources/Proxy/Accept/StartFailure.swift": "a sentence for the operator, at start",
        "Sources/Proxy/Record/LogWriter.swift": "the file's path and lines of the control side",
        "Sources/Proxy/Record/Statistics.swift": "names for the admin port",
        "Sources/Proxy/Record/LaneCounters.swift": "method names, at a scrape",
        "Sources/Proxy/Upstream/AttemptOutcome.swift": "names of outcomes, at a scrape",
        "Sources/Proxy/Upstream/Endpoint.swift": "who it is, and why it is unhealthy",
        "Sources/Proxy/Relay/JudgedRoute.swift": "who it is, for the control side",
        "Sources/Proxy/Relay/PreviewRule.swift": "becomes bytes when a snapshot is built",
        "Sources/Proxy/Relay/Registry.swift": "the control side's names of lanes and endpoints",
        "Sources/Proxy/Relay/RoutingSnapshot.swift": "names of services, for the control side",
    ]

    @Test(arguments: rules)
    func `a word stands only where it may`(rule: Rule) {
        var spared: Set<String> = []
        for folder in rule.folders {
            for file in Tree.sources(under: folder) {
                for (index, word) in file.words.enumerated() {
                    let next = index + 1 < file.words.count ? file.words[index + 1] : nil
                    guard rule.forbids(word, before: next) else { continue }
                    if rule.spares[file.path] != nil {
                        spared.insert(file.path)
                    } else {
                        Issue.record("\(file.path):\(word.line) \(word.text): use \(rule.instead)")
                    }
                }
            }
        }
        let stale = Set(rule.spares.keys).subtracting(spared)
        #expect(stale.isEmpty, "spared without need")
    }

    @Test func `nothing is left to be done later`() {
        // Put together, so that this file does not name what it forbids.
        let marks = ["TO" + "DO", "FIX" + "ME"]
        for (path, number, line) in Self.allLines() {
            for mark in marks where line.contains(mark) {
                Issue.record("\(path):\(number) \(mark): do it, or file an issue")
            }
        }
    }

    @Test func `no path of one machine is written down`() {
        let places = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/"]
        for (path, number, line) in Self.allLines() {
            for place in places where line.contains(place) {
                Issue.record("\(path):\(number) \(place): name it from the root")
            }
        }
    }

    private static func allLines() -> [(path: String, number: Int, line: Substring)] {
        let files =
            Tree.sources.map { ($0.path, $0.lines) } + Tree.others.map { ($0.path, $0.lines) }
        return files.flatMap { path, lines in
            lines.enumerated().map { (path, $0.offset + 1, $0.element) }
        }
    }
}
