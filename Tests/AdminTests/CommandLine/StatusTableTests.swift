import Proxy
import Testing

@testable import Admin

@Suite("Tables for people")
struct StatusTableTests {
    @Test func `columns line up and lines end without blanks`() {
        let table = Table(rows: [["A", "LONG", "B"], ["xyz", "1", ""]])

        #expect(table.text == "A    LONG  B\nxyz  1")
    }

    @Test func `what could steer a terminal is replaced`() {
        #expect(Table(rows: [["a\u{1B}[2Jb"]]).text == "a?[2Jb")
    }

    @Test func `the history is shown oldest first`() {
        let entries = SavedState.sample.history.entries.map(\.json)

        let lines = HistoryTable.text(["history": .array(entries)]).split(separator: "\n")

        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("2           2026-01-31T12:00:00.250Z  switch"))
        #expect(lines[2].contains("canary_set"))
        #expect(lines[2].contains("12.5 %"))
    }
}
