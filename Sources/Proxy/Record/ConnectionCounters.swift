/// What one worker counts of its downstream connections.
struct ConnectionCounters: Sendable {
    private static let accepted = 0
    private static let open = 1
    private static let active = 2
    private static let refused = 3
    private static let refusedAsked = 4

    private let cells = CounterBlock(count: 5)

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

    // MARK: By readers

    var acceptedCount: UInt64 { cells[Self.accepted] }
    var refusedConnections: UInt64 { cells[Self.refused] }
    var refusedRequests: UInt64 { cells[Self.refusedAsked] }
    var openCount: Int { Int(cells[Self.open]) }
    /// Connections that have an exchange now.
    var activeCount: Int { Int(cells[Self.active]) }
}
