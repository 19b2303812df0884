import Testing

@testable import Proxy

@Suite("Cookie field")
struct CookieFieldTests {
    @Test(
        "the value of the cookie `slot`",
        arguments: [
            ("slot=a", "a"),
            ("slot=a; other=b", "a"),
            ("other=b; slot=a", "a"),
            ("other=b;slot=a", "a"),
            ("other=b;\t slot=a \t", "a"),
            ("x=1; slot=a; slot=b", "a"),
            ("slot=a=b", "a=b"),
            ("slot=\"a b\"", "\"a b\""),
            ("slot=", ""),
            ("slot", ""),
            ("", ""),
            (";;;", ""),
            ("; slot=a;", "a"),
            ("Slot=a", ""),
            ("xslot=a", ""),
            ("slotx=a", ""),
            ("slot =a", ""),
            ("other=slot=a", ""),
            ("other=\"; slot=a", "a"),
            ("slot=\u{E4}", "\u{E4}"),
        ]
    )
    func value(field: String, expected: String) {
        let name = Array("slot".utf8)
        let head = Array("Cookie: \(field)\r\n".utf8)
        let range = ByteRange(8, head.count - 2)

        let value = CookieField.value(of: name.span, in: head.span, range)

        #expect(String(decoding: head[value.range], as: UTF8.self) == expected)
    }

    @Test func `never looks beyond the field`() {
        let name = Array("slot".utf8)
        let head = Array("slot=a; slot=bcd".utf8)

        let inside = CookieField.value(of: name.span, in: head.span, ByteRange(8, 14))
        let cut = CookieField.value(of: name.span, in: head.span, ByteRange(8, 12))

        #expect(inside == ByteRange(13, 14))
        #expect(cut.isEmpty)
    }

    @Test(
        "the runs of cookies without `slot`",
        arguments: [
            ("slot=a", []),
            ("slot=", []),
            ("", []),
            ("a=1", ["a=1"]),
            ("slot=x; a=1; b=2", ["a=1; b=2"]),
            ("a=1;b=2 ; slot=x", ["a=1;b=2"]),
            ("a=1; slot=x;b=2", ["a=1", "b=2"]),
            ("slot=x; slot=y; a=1; slot=z", ["a=1"]),
            ("a=1; slot=x; b=2; slot=y; c=3", ["a=1", "b=2; slot=y; c=3"]),
            ("xslot=1; slotx=2; slot", ["xslot=1; slotx=2; slot"]),
            (";; a=1;; slot=x;;", ["a=1"]),
        ]
    )
    func runs(field: String, expected: [String]) {
        let name = Array("slot".utf8)
        let head = Array("Cookie: \(field)\r\n".utf8)
        // One that is not first of its name stands for what comes after the last removal.
        var removals = field.hasPrefix("a=1; slot=x; b") ? 1 : 9
        var (rest, found) = (ByteRange(8, head.count - 2), [String]())

        while let (run, next) = CookieField.nextRun(
            without: name.span,
            in: head.span,
            rest,
            removals: &removals
        ) {
            found.append(String(decoding: head[run.range], as: UTF8.self))
            rest = next
        }

        #expect(found == expected)
    }
}
