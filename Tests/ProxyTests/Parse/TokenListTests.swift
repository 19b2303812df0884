import Testing

@testable import Proxy

@Suite("Token list")
struct TokenListTests {
    private func read(_ text: String) -> (tokens: [String], isMalformed: Bool) {
        let bytes = raw(text)
        var list = TokenList(0..<bytes.count)
        var tokens: [String] = []
        while let token = list.next(bytes.span) {
            tokens.append(string(bytes, ByteRange(token.lowerBound, token.upperBound)))
        }
        return (tokens, list.isMalformed)
    }

    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a,b", ["a", "b"]), ("a, b", ["a", "b"]), ("a ,b", ["a", "b"]),
        ("a\t , \tb,c", ["a", "b", "c"]), ("!#$,x-1", ["!#$", "x-1"]),
    ])
    func `tokens stand between commas and blanks`(text: String, tokens: [String]) {
        #expect(read(text).tokens == tokens)
        #expect(!read(text).isMalformed)
    }

    @Test(arguments: [
        ",", "a,", ",a", "a,,b", "a b", "a,b c", "a;b", "a=b", "a, \"b\"", "a,b,", "\u{E4}", "a,  ",
    ])
    func `anything else is malformed`(text: String) {
        #expect(read(text).isMalformed)
    }

    @Test func `a list is at its end behind its last token`() {
        let bytes = raw("a, b")
        var list = TokenList(0..<bytes.count)

        let first = list.next(bytes.span)
        #expect(first == 0..<1)
        #expect(!list.isAtEnd)

        let second = list.next(bytes.span)
        #expect(second == 3..<4)
        #expect(list.isAtEnd)
    }
}
