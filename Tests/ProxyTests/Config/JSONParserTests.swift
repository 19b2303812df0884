import Testing

@testable import Proxy

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "what is written again means the same",
        arguments: [
            ("null", "null"), (" true\n", "true"), ("false", "false"), ("0", "0"),
            ("-1.5e+3", "-1.5e+3"),
            (#""""#, #""""#), (#""a\u0041\n\/\"\\\t""#, #""aA\n/\"\\\t""#),
            (#""\uD83D\uDE00""#, "\"😀\""),
            (#""\b\f\r""#, #""\u0008\u000c\u000d""#), ("[]", "[]"), ("[ 1 , \"a\" ]", "[1, \"a\"]"),
            ("{}", "{}"),
            ("{\"a\":{\"b\":[[]]}}", "{\n  \"a\": {\n    \"b\": [\n      []\n    ]\n  }\n}"),
            ("\u{FEFF}[1]", "[1]"),
        ]
    )
    func values(text: String, written: String) throws {
        let json = try JSONParser.parse(Array(text.utf8))

        #expect(json.text == written + "\n")
    }

    @Test(
        "the first place that is not JSON is named",
        arguments: [
            (
                "", 0, "the end of the file",
                "write a value: an object, a list, a string in quotes or a number"
            ),
            ("{", 1, "the end of the file", "write a key in double quotes"),
            ("{a: 1}", 1, "`a`", "write a key in double quotes"),
            ("{'a': 1}", 1, "`'`", "write a key in double quotes"),
            (#"{"a" 1}"#, 5, "`1`", "write `:` after the key"),
            (#"{"a": 1,}"#, 8, "`}`", "remove the comma before it"),
            ("[1,]", 3, "`]`", "remove the comma before it"),
            ("[1 2]", 3, "`2`", "write `,` or `]`"),
            (#"{"a": 1 "b": 2}"#, 8, "`\"`", "write `,` or `}`"),
            ("[1", 2, "the end of the file", "write `,` or `]`"),
            ("1 2", 2, "`2`", "remove what follows the closing bracket"),
            ("// x", 0, "a comment", "remove it, JSON has none"),
            ("[1, /* x */ 2]", 4, "a comment", "remove it, JSON has none"),
            ("01", 1, "`1`", "remove what follows the closing bracket"),
            ("1.", 2, "the end of the file", "write a digit"),
            ("-", 1, "the end of the file", "write a digit"),
            ("1e+", 3, "the end of the file", "write a digit"),
            ("+1", 0, "`+`", "write a value: an object, a list, a string in quotes or a number"),
            ("NaN", 0, "`N`", "write a value: an object, a list, a string in quotes or a number"),
            (
                "\"a\nb\"", 2, "the byte 0xa",
                "close the string with `\"` on its line, or write `\\n` for a line break"
            ),
            (
                "\"a", 2, "the end of the file",
                "close the string with `\"` on its line, or write `\\n` for a line break"
            ),
            (#""\x""#, 2, "`x`", "write `\\\\` for a backslash"),
            (#""\u12G4""#, 3, "`1`", "write four hexadecimal digits"),
            (#""\u+123""#, 3, "`+`", "write four hexadecimal digits"),
            (#""\uD800""#, 7, "`\"`", "write both halves of a surrogate pair"),
            (#""\uDC00\uD800""#, 7, "`\\`", "write both halves of a surrogate pair"),
        ]
    )
    func mistakes(text: String, offset: Int, found: String, message: String) {
        let expected = JSONParser.Failure(offset: offset, found: found, message: message)

        #expect(throws: expected) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        let expected = JSONParser.Failure(
            offset: 4,
            found: "the end of the file",
            message: "save the file as UTF-8"
        )

        #expect(throws: expected) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func `nesting is bounded`() throws {
        let limit = JSONParser.depthLimit
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8
            )
        }

        _ = try JSONParser.parse(nested(limit))
        let error = #expect(throws: JSONParser.Failure.self) {
            try JSONParser.parse(nested(limit + 1))
        }

        #expect(error?.offset == limit)
    }

    @Test func `no input makes it trap`() {
        let text = Array(
            ConfigText(more: #""canary": {"percent": 1.5e0, "sticky": null}"#).text.utf8
        )

        for end in 0..<text.count {
            #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text[..<end])) }
        }
        for index in text.indices {
            for byte in [0x00, 0x22, 0x7D, 0xFF] as [UInt8] {
                var changed = text
                changed[index] = byte
                _ = try? Config.parse(changed) { _ in .failure(FileFailure(reason: "absent")) }
            }
        }
    }

    @Test func `members keep their order, their places and their repetitions`() throws {
        let json = try JSONParser.parse(Array(#"{"b": 1, "a": [2], "b": 3}"#.utf8))
        guard case .object(let members) = json.kind else {
            Issue.record("no object")
            return
        }

        #expect(members.map(\.name) == ["b", "a", "b"])
        #expect(members.map(\.offset) == [1, 9, 19])
        #expect(members.map(\.value.offset) == [6, 14, 24])
    }
}
