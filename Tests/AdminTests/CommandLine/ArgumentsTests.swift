import Testing

@testable import Admin

@Suite("Arguments")
struct ArgumentsTests {
    private static let options = [
        Option("reason", "TEXT", help: ""), Option("force", help: ""),
    ]

    private func read(_ words: String...) throws(UsageFailure) -> Arguments {
        try Arguments(words, options: Self.options)
    }

    @Test func `options may stand anywhere, with a space or an equals sign`() throws {
        let first = try read("green", "--reason", "release 7", "--force")
        let second = try read("--force", "--reason=release 7", "green")

        #expect(first == second)
        #expect(first.positional == ["green"])
        #expect(first["reason"] == "release 7")
        #expect(first.has("force"))
        #expect(!first.has("reason"))
    }

    @Test func `after two dashes everything is a word, and numbers may be negative`() throws {
        #expect(try read("--", "--force").positional == ["--force"])
        #expect(try read("-5").positional == ["-5"])
    }

    @Test(arguments: [
        (["--speed"], "--speed is unknown"), (["-f"], "-f is unknown; options have two dashes"),
        (["--reason"], "--reason needs a value: TEXT"), (["--force=1"], "--force takes no value"),
        (["--force", "--force"], "--force stands twice"),
        (["--reason=a", "--reason", "b"], "--reason stands twice"),
    ])
    func `wrong options are named`(words: [String], message: String) {
        #expect(throws: UsageFailure(message: message)) {
            try Arguments(words, options: Self.options)
        }
    }

    @Test func `missing and additional words are named`() throws {
        #expect(throws: UsageFailure(message: "SLOT is missing")) {
            try read().require("SLOT")
        }
        #expect(throws: UsageFailure(message: "blue is one word too many")) {
            try read("green", "blue").require("SLOT")
        }
        try read("green").require("SLOT")
        try read().require("proxy.json", optional: true)
    }
}
