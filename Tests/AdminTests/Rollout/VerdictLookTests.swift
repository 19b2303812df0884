import Testing

@testable import Admin

@Suite("Looks at a verdict")
struct VerdictLookTests {
    @Test func `the last look that said otherwise is remembered, and news are told once`() {
        var look = VerdictLook()
        func note(_ state: Verdict.State, _ generation: UInt64, _ second: Int) -> [String] {
            let isNews = look.note(state, generation, at: Timestamp(seconds: second))
            return [isNews ? "news" : "", look.undecidedAt.map { "\($0.seconds)" } ?? "never"]
        }

        #expect(note(.inconclusive, 1, 10) == ["news", "never"])
        #expect(note(.inconclusive, 1, 11) == ["", "never"])
        #expect(note(.fail, 1, 12) == ["news", "11"])
        #expect(note(.fail, 1, 13) == ["", "11"])
        look.noteNobody(at: Timestamp(seconds: 14))
        #expect(look.undecidedAt?.seconds == 11)
        // The evidence is new, and so is the wait for it.
        #expect(note(.fail, 2, 15) == ["", "14"])
        #expect(note(.pass, 2, 16) == ["news", "15"])
    }
}
