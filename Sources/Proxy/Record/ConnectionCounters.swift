/// What one worker counts of its downstream connections.
struct ConnectionCounters: Sendable {
    private static let accepted = 0
    private static let open = 1
    private static let active = 2

    private let cells = CounterBlock(count: 3)

    // MARK: By the worker

    func connectionAccepted() {
        cells.add(Self.accepted)
        cells.add(Self.open)
    }

    func connectionClosed() { cells.subtract(Self.open) }
    func exchangeBegan() { cells.add(Self.active) }
    func exchangeEnded() { cells.subtract(Self.active) }

    // MARK: By readers

    var acceptedCount: UInt64 { cells[Self.accepted] }
    var openCount: Int { Int(cells[Self.open]) }
    /// Connections that have an exchange now.
    var activeCount: Int { Int(cells[Self.active]) }
}
