import Testing

@testable import Proxy

@Suite("JSON")
struct JSONTests {
    @Test(
        "a message shows a value in a few words",
        arguments: [
            ("null", "null"), ("true", "true"), ("1.50", "1.50"), (#""a\nb""#, #""a\nb""#),
            ("[]", "an empty list"), ("[1, \"a\"]", "[1, \"a\"]"), ("[[1]]", "a list of 1"),
            ("{}", "an object"),
        ]
    )
    func summary(text: String, summary: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).summary == summary)
    }

    @Test func `long values are cut short`() {
        let long = String(repeating: "x", count: 1_000)

        #expect(JSON.string(long).summary == "\"\(long.prefix(60))…\"")
        #expect(JSON.array([.string(long), .null]).summary == "a list of 2")
        #expect(JSON(kind: .number(String(repeating: "1", count: 99))).summary == "a long number")
    }

    @Test func `text on a terminal has no control characters`() {
        let quoted = JSON.quoted("a\u{1B}[2J\u{7F}\u{9B}b")

        #expect(quoted == #""a\u001b[2J\u007f\u009bb""#)
    }

    @Test(
        "whole numbers are whole in every spelling",
        arguments: [
            ("7", 7), ("-7", -7), ("7.0", 7), ("7e2", 700), ("7.5", nil), ("1e400", nil),
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("\"7\"", nil),
        ] as [(String, Int?)]
    )
    func integers(text: String, value: Int?) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).integer == value)
    }

    @Test(
        "numbers are written as short as they are read",
        arguments: [(1, "1"), (0.005, "0.005"), (2.5, "2.5"), (-0.0, "0"), (1e-7, "1e-07")]
    )
    func numbers(value: Double, text: String) {
        #expect(JSON.number(value).text == text + "\n")
    }
}
