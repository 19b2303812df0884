import Testing

@testable import Proxy

@Suite("Config issue")
struct ConfigIssueTests {
    let inText = ConfigIssue(path: "$.a", found: "1", message: "write 2", line: 3, column: 4)
    let elsewhere = ConfigIssue(path: "$.b", found: "nothing", message: "write 5")

    @Test func `reads as one sentence, with its place where it has one`() {
        #expect(inText.description == "$.a (line 3, column 4): found 1; write 2")
        #expect(elsewhere.description == "$.b: found nothing; write 5")
    }

    @Test func `a failure tells each issue on a line of its own`() {
        let failure = ConfigFailure(issues: [inText, elsewhere])

        #expect(failure.description == "\(inText)\n\(elsewhere)")
    }
}
