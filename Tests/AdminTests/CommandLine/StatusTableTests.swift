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

    @Test func `the status of a running yard is shown line by line`() throws {
        let yard = try YardUnderTest()
        let status = try JSONParser.parse(Array(try yard.ask("GET", "/status").text.utf8))

        let lines = StatusTable.text(status).split(separator: "\n")

        #expect(lines.first?.hasPrefix("generation 1 · blue active since ") == true)
        #expect(lines.contains { $0.hasPrefix("blue   100 %") })
        #expect(lines.contains { $0.hasPrefix("green  web") && $0.contains("healthy") })
        #expect(lines.contains { $0.hasPrefix("admin") && $0.contains("\(yard.port)") })
    }
}
