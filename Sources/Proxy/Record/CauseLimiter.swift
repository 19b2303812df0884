/// Lets one cause have so many lines a second in the error log, and counts what it holds back.
///
/// A flood of bad requests must not fill a disk, nor hide the one line of another cause.
struct CauseLimiter {
    /// Causes told apart at a time; a new one takes the place of another with the same hash.
    static let causeLimit = 64

    private struct Row {
        var cause: UInt = 0
        var second: Int64 = -1
        var lines = 0
        var heldBack = 0
    }

    private var rows = ContiguousArray(repeating: Row(), count: causeLimit)

    /// Whether a line may be written now; and how many of its cause were held back before it.
    mutating func admit(
        _ cause: UInt,
        at now: MonotonicTime,
        linesPerSecond: Int
    ) -> (isAdmitted: Bool, heldBack: Int) {
        // Fibonacci hashing: causes are addresses, whose low bits are alike.
        let place = Int((cause &* 0x9E37_79B9_7F4A_7C15) >> 58)
        let second = now.nanoseconds / 1_000_000_000
        if rows[place].cause != cause { rows[place] = Row(cause: cause) }
        if rows[place].second != second {
            rows[place].second = second
            rows[place].lines = 0
        }
        guard rows[place].lines < linesPerSecond else {
            rows[place].heldBack += 1
            return (false, 0)
        }
        rows[place].lines += 1
        defer { rows[place].heldBack = 0 }
        return (true, rows[place].heldBack)
    }
}
