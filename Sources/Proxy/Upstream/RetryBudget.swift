/// Bounds retries to a share of the requests, so that a failing service is not hit twice as hard.
struct RetryBudget {
    /// Retries that are always possible after a quiet time, in hundredths.
    private static let reserve = 1_000

    private let percent: Int
    private var balance = RetryBudget.reserve

    /// At most `percent` retries per hundred requests.
    init(percent: Int) { self.percent = percent }

    mutating func requestBegan() {
        balance = min(balance + percent, Self.reserve)
    }

    /// Whether one more retry fits; takes it out of the budget if so.
    mutating func takeRetry() -> Bool {
        guard percent > 0, balance >= 100 else { return false }
        balance -= 100
        return true
    }
}
