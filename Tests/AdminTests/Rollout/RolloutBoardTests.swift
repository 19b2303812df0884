import Testing

@testable import Admin

@Suite("Rollout board")
struct RolloutBoardTests {
    @Test func `clearing forgets the rollout and keeps the count of lost notices`() {
        let board = RolloutBoard()
        board.change { $0.trouble = "something" }
        board.lostNotices(2)

        board.clear()

        #expect(board.notes.trouble == nil)
        #expect(board.lostNoticeCount == 2)
    }
}
