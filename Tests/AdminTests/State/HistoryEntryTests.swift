import Proxy
import Testing

@testable import Admin

@Suite("History")
struct HistoryEntryTests {
    @Test(arguments: HistoryEntry.Action.allCases)
    func `an entry is read as it was written`(action: HistoryEntry.Action) {
        let entry = HistoryEntry(
            generation: 18_000_000,
            time: "2026-01-31T12:00:00.000Z",
            action: action,
            from: "blue",
            to: "green",
            canary: Weight(basisPoints: 1),
            actor: "switch token from 10.0.0.7",
            reason: "why \\ \"not\""
        )

        #expect(HistoryEntry(entry.json) == entry)
    }

    @Test func `an entry with an unknown action is refused`() throws {
        let entry = HistoryEntry(generation: 1, time: "", action: .start, actor: "test")

        let text = entry.json.line.replacing("start", with: "stop")

        #expect(text.contains("stop"))
        #expect(HistoryEntry(try JSONParser.parse(Array(text.utf8))) == nil)
    }

    @Test func `only the last entries are kept, the oldest first`() {
        var history = History()

        for generation in 1...UInt64(History.entryLimit + 5) {
            history.append(
                HistoryEntry(generation: generation, time: "", action: .switch, actor: "test")
            )
        }

        #expect(history.entries.count == History.entryLimit)
        #expect(history.entries.first?.generation == 6)
        #expect(history.entries.last?.generation == UInt64(History.entryLimit + 5))
        #expect(history.texts.count == History.entryLimit)
    }
}
