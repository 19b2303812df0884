import Testing

@testable import Proxy

@Suite("Preview rule")
struct PreviewRuleTests {
    private static func preview(token: String? = nil) -> Config.Preview {
        var preview = Config.Preview()
        preview.token = token
        return preview
    }

    /// The slot that a request with these fields gets, and the names that stay in its head.
    private static func ask(
        _ preview: Config.Preview?,
        _ fieldLines: String
    ) throws -> (slot: Int?, kept: [String]) {
        let rule = PreviewRule(preview, slots: ["blue", "green"])
        let bytes = raw("GET / HTTP/1.1\r\nHost: a\r\n\(fieldLines)\r\n")
        var fields = FieldTable()
        _ = try #require(
            try RequestHead.parse(bytes.span, limits: .standard, fields: &fields)
        )
        var buffer = Buffer(capacity: 1_024)
        unsafe bytes.withUnsafeBytes { unsafe buffer.append($0) }

        let slot = rule.slot(in: buffer, &fields)

        var kept: [String] = []
        for index in 0..<fields.count where !fields[index].isRemoved {
            kept.append(
                String(decoding: bytes[fields[index].name.range], as: UTF8.self)
            )
        }
        return (slot?.index, kept)
    }

    @Test(
        "the value of the field is the slot",
        arguments: [
            ("X-Slot: blue\r\n", 0), ("X-Slot: green\r\n", 1), ("x-slot:green\r\n", 1),
            ("X-SLOT:  green  \r\n", 1), ("", nil), ("X-Slot:\r\n", nil),
            ("X-Slot: Green\r\n", nil), ("X-Slot: red\r\n", nil), ("X-Slot: greens\r\n", nil),
            ("X-Slot: gree\r\n", nil), ("X-Slots: green\r\n", nil),
            // The last one counts, as for every field that stands twice.
            ("X-Slot: blue\r\nX-Slot: green\r\n", 1),
            ("X-Slot: blue\r\nX-Slot: red\r\n", nil),
        ] as [(String, Int?)]
    )
    func asks(fieldLines: String, expected: Int?) throws {
        #expect(try Self.ask(Self.preview(), fieldLines).slot == expected)
    }

    @Test(
        "where a token is asked for, only the right one opens the way",
        arguments: [
            ("", nil), ("X-Slot-Token: secret\r\n", 1), ("x-slot-token:secret\r\n", 1),
            ("X-Slot-Token:\r\n", nil), ("X-Slot-Token: Secret\r\n", nil),
            ("X-Slot-Token: secre\r\n", nil), ("X-Slot-Token: secrets\r\n", nil),
            ("X-Slot-Token: xecret\r\n", nil), ("X-Slot-Token: secrex\r\n", nil),
        ] as [(String, Int?)]
    )
    func token(fieldLine: String, expected: Int?) throws {
        let preview = Self.preview(token: "secret")

        #expect(try Self.ask(preview, "X-Slot: green\r\n" + fieldLine).slot == expected)
        #expect(try Self.ask(preview, fieldLine + "X-Slot: green\r\n").slot == expected)
    }

    @Test func `a token alone asks for nothing`() throws {
        let preview = Self.preview(token: "secret")

        #expect(try Self.ask(preview, "X-Slot-Token: secret\r\n").slot == nil)
    }

    @Test(arguments: [nil, "secret"])
    func `both fields stay behind, whatever they say`(token: String?) throws {
        let lines = "A: 1\r\nX-Slot: red\r\nB: 2\r\nX-Slot-Token: wrong\r\nX-Slotted: 3\r\n"

        let kept = try Self.ask(Self.preview(token: token), lines).kept

        #expect(kept == ["Host", "A", "B", "X-Slotted"])
    }

    @Test func `without a preview the fields are as any others`() throws {
        let asked = try Self.ask(nil, "X-Slot: green\r\nX-Slot-Token: secret\r\n")

        #expect(asked.slot == nil)
        #expect(asked.kept == ["Host", "X-Slot", "X-Slot-Token"])
    }

    @Test func `the fields may have other names`() throws {
        var preview = Self.preview(token: "t")
        preview.header = "My-Slot"
        preview.tokenHeader = "My-Key"

        #expect(try Self.ask(preview, "My-Slot: blue\r\nMy-Key: t\r\n").slot == 0)
        #expect(try Self.ask(preview, "X-Slot: blue\r\nX-Slot-Token: t\r\n").slot == nil)
    }
}
