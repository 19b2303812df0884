import Testing

/// The table of rules in docs/http.md names a test in every row, and each one exists.
@Suite("Table of HTTP rules")
struct RuleTableTests {
    /// Fewer would mean that this test no longer finds the rows.
    private static let rowFloor = 80

    /// Names of test functions, as they stand between backticks behind `func`.
    private static let tests = Set(
        Tree.sources(under: "Tests").flatMap { file in
            file.lines.compactMap { line in
                line.firstMatch(of: /func `([^`]+)`/).map { String($0.1) }
            }
        }
    )

    private static func rows() throws -> [(line: Substring, cells: [Substring])] {
        let document = try #require(Tree.file("docs/http.md"))
        return document.lines.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| section ") }
            .map { line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                return (line, cells.dropFirst().dropLast().map { $0 })
            }
    }

    @Test func `every rule has a row with four cells, and a decision`() throws {
        let rows = try Self.rows()

        #expect(rows.count >= Self.rowFloor)
        for (line, cells) in rows {
            #expect(cells.count == 4, "\(line)")
            // The section may be missing, where a rule is nobody's but ours; a status may stand alone.
            let isFilled = cells.dropFirst().allSatisfy { cell in
                cell.contains { $0.isLetter || $0.isNumber }
            }
            #expect(isFilled, "\(line)")
        }
    }

    @Test func `the figures of the reliability page are those of the tables`() throws {
        let page = try #require(Tree.file("docs/reliability.md"))
        let text = page.lines.joined(separator: "\n")
        let faults = page.lines.drop { $0 != "## Faults" }
            .prefix { $0 != "## While everything changes" }
            .count {
                $0.hasPrefix("| ") && !$0.hasPrefix("| the endpoint |")
                    && !$0.hasPrefix("| what happens |")
            }

        #expect(text.contains(" \(try Self.rows().count) rows of [http.md]"))
        #expect(faults > 0)
        #expect(text.contains("\n\(faults) things that go wrong"))
    }

    @Test func `every row names a test that exists`() throws {
        for (line, cells) in try Self.rows() {
            let name = cells.last?.firstMatch(of: /^ `([^`]+)` $/).map { String($0.1) }
            guard let name else {
                Issue.record("no test in: \(line)")
                continue
            }
            #expect(Self.tests.contains(name), "docs/http.md names a missing test: \(name)")
        }
    }
}
