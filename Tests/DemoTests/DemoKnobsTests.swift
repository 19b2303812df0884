import Testing

@testable import Demo

@Suite("Demo knobs")
struct DemoKnobsTests {
    @Test func `a setting changes what it names and keeps the rest`() throws {
        var knobs = DemoKnobs()
        knobs.delayMilliseconds = 20

        let changed = try #require(knobs.changed(by: Array(#"{"error_percent": 12.5}"#.utf8)))

        #expect(changed.errorPercent == 12.5)
        #expect(changed.delayMilliseconds == 20)
        #expect(changed.healthy)
    }

    @Test(arguments: [
        "", "[]", #"{"error_percent": 101}"#, #"{"delay_ms": -1}"#, #"{"delay_ms": 60001}"#,
        #"{"healthy": "no"}"#, #"{"error_prcent": 1}"#,
    ])
    func `what is no setting changes nothing`(json: String) {
        let board = DemoKnobBoard()

        #expect(!board.change(by: Array(json.utf8)))
        #expect(board.knobs == DemoKnobs())
    }

    @Test(arguments: [(0.0, 0), (10, 100), (12.5, 125), (50, 500), (100, 1_000)])
    func `exactly the given share of requests fails`(percent: Double, failures: Int) {
        let board = DemoKnobBoard()
        #expect(board.change(by: Array(#"{"error_percent": \#(percent)}"#.utf8)))

        let failed = (0..<1_000).count { _ in board.takesFailure() }

        #expect(failed == failures)
    }
}
