import Testing

@testable import Proxy

@Suite("Retry budget")
struct RetryBudgetTests {
    /// Retries that fit after a quiet time.
    static let reserve = 10

    private func takeAll(_ budget: inout RetryBudget) -> Int {
        var count = 0
        while budget.takeRetry() { count += 1 }
        return count
    }

    @Test(arguments: [1, 20, 100])
    func `a fresh budget has its reserve, whatever the share`(percent: Int) {
        var budget = RetryBudget(percent: percent)

        #expect(takeAll(&budget) == Self.reserve)
    }

    @Test func `a share of nothing forbids all retries`() {
        var budget = RetryBudget(percent: 0)
        for _ in 0..<1_000 { budget.requestBegan() }

        #expect(takeAll(&budget) == 0)
    }

    @Test func `quiet requests save up no more than the reserve`() {
        var budget = RetryBudget(percent: 100)
        for _ in 0..<1_000 { budget.requestBegan() }

        #expect(takeAll(&budget) == Self.reserve)
    }

    @Test(arguments: [1, 7, 20, 50, 100])
    func `when every request fails, retries are the share and the reserve`(percent: Int) {
        var budget = RetryBudget(percent: percent)
        var retries = 0
        for _ in 0..<10_000 {
            budget.requestBegan()
            if budget.takeRetry() { retries += 1 }
        }

        // The first request finds the reserve full, so its own share is lost.
        #expect(retries <= 100 * percent + Self.reserve)
        #expect(retries >= 100 * percent)
    }

    @Test func `an empty budget fills with the requests`() {
        var budget = RetryBudget(percent: 20)
        #expect(takeAll(&budget) == Self.reserve)

        for _ in 0..<4 { budget.requestBegan() }
        #expect(budget.takeRetry() == false)
        budget.requestBegan()
        #expect(budget.takeRetry() == true)
        #expect(budget.takeRetry() == false)
    }
}
