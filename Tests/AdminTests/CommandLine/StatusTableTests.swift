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

    @Test func `what is out of the ordinary has a row each, and nothing else has`() throws {
        let day = try JSONParser.parse(
            Array(
                #"""
                {"slots": {"blue": {
                    "verdict": {"state": "fail", "sentence": "fails: error rate 9 %"},
                    "lease": {"holder": "ci-42", "until": "2026-01-31T12:00:00.000Z"},
                    "services": {"web": {
                        "unserved": 1, "last_resort": 0, "queue_refused": 2, "retries": 3,
                        "retries_refused": 4,
                        "endpoints": [{
                            "endpoint": "10.0.0.1:80", "health": "healthy", "ejected": true,
                            "ejected_for_seconds": 7.2
                        }]
                    }}
                }},
                "client_refusals": {"requests": 5, "connections": 6},
                "accept_pauses": {"limit": 7, "descriptors": 8},
                "access_log_lines_dropped": 9, "error_log_lines_held_back": 10}
                """#.utf8
            )
        )

        let lines = StatusTable.text(day).split(separator: "\n")
        let quiet = StatusTable.text(["slots": [:]]).split(separator: "\n")

        #expect(lines.contains { $0.contains("healthy, ejected for 8 s") })
        for row in [
            "lease            blue: ci-42 until 2026-01-31T12:00:00.000Z",
            "verdict          blue: fails: error rate 9 %",
            "no endpoint      blue web: 1 since the start",
            "queue refused    blue web: 2 since the start",
            "retries          blue web: 3 since the start",
            "no retry left    blue web: 4 since the start",
            "429 answered     5 since the start", "clients refused  6 since the start",
            "accept at limit  7 since the start", "no descriptor    8 since the start",
            "access log lost  9 lines since the start", "error log held   10 lines since the start",
        ] {
            #expect(lines.contains { $0 == row }, "\(row)")
        }
        #expect(!lines.contains { $0.hasPrefix("last resort") })
        #expect(!quiet.contains { $0.contains("since the start") })
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
