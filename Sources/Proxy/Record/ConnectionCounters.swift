/// What one worker counts of its downstream connections, and of its own lines in the error log.
struct ConnectionCounters: Sendable {
    private static let accepted = 0
    private static let open = 1
    private static let active = 2
    private static let refused = 3
    private static let refusedAsked = 4
    private static let pausesAtLimit = 5
    private static let pausesForDescriptors = 6
    private static let heldBack = 7

    private let cells = CounterBlock(count: 8)

    // MARK: By the worker

    func connectionAccepted() {
        cells.add(Self.accepted)
        cells.add(Self.open)
    }

    func connectionClosed() { cells.subtract(Self.open) }
    func exchangeBegan() { cells.add(Self.active) }
    func exchangeEnded() { cells.subtract(Self.active) }
    /// Closed at once: its client has as many as it may have.
    func connectionRefused() { cells.add(Self.refused) }
    /// Answered with 429.
    func requestRefused() { cells.add(Self.refusedAsked) }

    /// Accepting rests: as many are open as may be.
    func pausedAtLimit() { cells.add(Self.pausesAtLimit) }
    /// Accepting rests: the process has no descriptor left.
    func pausedForDescriptors() { cells.add(Self.pausesForDescriptors) }
    /// A line of the error log was not written, for its cause has had its share.
    func lineHeldBack() { cells.add(Self.heldBack) }

    // MARK: By readers

    var acceptedCount: UInt64 { cells[Self.accepted] }
    var refusedConnections: UInt64 { cells[Self.refused] }
    var refusedRequests: UInt64 { cells[Self.refusedAsked] }
    var pauseCountAtLimit: UInt64 { cells[Self.pausesAtLimit] }
    var pauseCountForDescriptors: UInt64 { cells[Self.pausesForDescriptors] }
    var linesHeldBack: UInt64 { cells[Self.heldBack] }
    var openCount: Int { Int(cells[Self.open]) }
    /// Connections that have an exchange now.
    var activeCount: Int { Int(cells[Self.active]) }
}
