import Foundation
import Testing

/// The seeds and what the fuzzer once found keep their promises.
@Suite("Fuzz corpus")
struct CorpusTests {
    private static let corpus = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "Corpus")

    @Test(arguments: FuzzTarget.allCases)
    func `every file of the corpus keeps the promises of its target`(target: FuzzTarget) throws {
        let folder = Self.corpus.appending(path: target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())

        #expect(files.count >= 3, "too few seeds for \(target.rawValue)")
        for name in files.sorted() {
            let bytes = try Array(Data(contentsOf: folder.appending(path: name)))
            do { try target.check(bytes) } catch { Issue.record("\(name): \(error)") }
        }
    }

    @Test func `a broken promise is told`() {
        #expect(throws: FuzzFinding.self) { try promise(false, "anything") }
    }

    @Test(
        arguments: [
            "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
            "GET / HTTP/1.1\r\nA: \r\r\n\r\n", "GET / HTTP/1.1\r\nA\r\n\r\n", "\r\n", "",
        ]
    )
    func `the strict reader takes no head that is none`(text: String) {
        #expect(StrictHead(Array(text.utf8)[...]) == nil)
    }
}
