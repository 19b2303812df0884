import Testing

@testable import Proxy

@Suite("Log values in a text buffer")
struct TextBufferJSONTests {
    @Test(
        "a string is quoted, and what JSON must not have is escaped",
        arguments: [
            ("", #""""#),
            ("/a?b=c d", #""/a?b=c d""#),
            ("\"", #""\"""#),
            ("\\", #""\\""#),
            ("\\\"\\", #""\\\"\\""#),
            ("\0\t\r\n\u{1F}", #""\u0000\u0009\u000d\u000a\u001f""#),
            ("~\u{7F}\u{80}\u{FF}", #""~\u007f\u0080\u00ff""#),
        ]
    )
    func escapes(text: String, expected: String) {
        #expect(written { $0.append(json: raw(text).span) } == expected)
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `every byte comes back from a JSON reader`(byte: UInt8) throws {
        let text = written { $0.append(json: [byte].span) }

        let value = try JSONParser.parse(Array(text.utf8))

        #expect(value.string?.unicodeScalars.map(\.value) == [UInt32(byte)])
    }

    @Test(
        "a duration is written in milliseconds with three decimals",
        arguments: [
            (0, "0.000"), (999, "0.000"), (1_000, "0.001"), (999_999, "0.999"),
            (1_000_000, "1.000"), (1_234_567, "1.234"), (60_000_000_000, "60000.000"),
            (-1, "0.000"),
            (.max, "9223372036854.775"),
        ] as [(Int64, String)]
    )
    func milliseconds(nanoseconds: Int64, expected: String) {
        #expect(written { $0.append(milliseconds: Nanoseconds(nanoseconds)) } == expected)
    }

    @Test(
        "a moment is written as RFC 3339 wants it",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (59, "1970-01-01T00:00:59.000Z"),
            (86_399, "1970-01-01T23:59:59.000Z"),
            (86_400, "1970-01-02T00:00:00.000Z"),
            // Years that four divides are leap years.
            (68_169_600, "1972-02-29T00:00:00.000Z"),
            (68_255_999, "1972-02-29T23:59:59.000Z"),
            (68_256_000, "1972-03-01T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_677_628_800, "2023-03-01T00:00:00.000Z"),
            // Of the centuries only those that four hundred divides are.
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (978_307_199, "2000-12-31T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (1_735_689_600, "2025-01-01T00:00:00.000Z"),
            (1_234_567_890, "2009-02-13T23:31:30.000Z"),
        ] as [(Int64, String)]
    )
    func moment(seconds: Int64, expected: String) {
        #expect(written { $0.append(wallClock: seconds * 1_000_000_000) } == expected)
    }

    @Test(
        "a moment has milliseconds, cut and never rounded up",
        arguments: [(0, "000"), (999_999, "000"), (1_000_000, "001"), (999_999_999, "999")]
            as [(Int64, String)]
    )
    func fraction(nanoseconds: Int64, expected: String) {
        let text = written { $0.append(wallClock: 1_000_000_000 + nanoseconds) }

        #expect(text == "1970-01-01T00:00:01.\(expected)Z")
    }

    @Test func `every day until 2200 follows the one before`() {
        var (year, month, day) = (1970, 1, 1)
        for number in 0..<84_000 as Range<Int64> {
            let text = written { $0.append(wallClock: number * 86_400 * 1_000_000_000) }
            #expect(text == Self.date(year, month, day) + "T00:00:00.000Z")

            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > days[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(year >= 2199)
    }

    private static func date(_ year: Int, _ month: Int, _ day: Int) -> String {
        "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}
