/// How many connections each client has, in a table of fixed size that all workers share without
/// a lock.
///
/// Key and count are one word, so that a place changes hands in one step. When all places of a set
/// belong to others, a connection is let in without being counted: it is better to serve some too
/// many than to lock out clients that did nothing.
final class ClientConnectionTable: Sendable {
    /// As many clients at a time as connections by default; half a MiB.
    static let placeCount = 65_536
    static let setSize = 8
    private static let countBits: UInt64 = 24
    private static let countMask: UInt64 = 1 << countBits - 1

    enum Entry: Equatable {
        /// Give it back to `leave`.
        case counted(Int32)
        /// Its set is full of others.
        case uncounted
        case refused
    }

    private let key: ClientKey
    private let cells = SharedWords(count: ClientConnectionTable.placeCount)

    init(random: inout Random) { key = ClientKey(random: &random) }

    /// Counts one more connection of `client`, if it may have one.
    func enter(_ client: IPAddress, limit: Int) -> Entry {
        let hash = key.hash(client)
        let mine = hash & ~Self.countMask
        let start = Int(hash & UInt64(Self.placeCount / Self.setSize - 1)) * Self.setSize
        while true {
            guard let cell = place(of: mine, from: start) else { return .uncounted }
            let found = cells[cell]
            let count = found & Self.countMask
            guard count == 0 || found & ~Self.countMask == mine else { continue }
            guard count < UInt64(limit) else { return .refused }
            if cells.replace(cell, found, with: mine | (count + 1)) {
                return .counted(Int32(cell))
            }
        }
    }

    /// A connection that was counted is closed.
    func leave(_ place: Int32) {
        let old = cells.decrement(Int(place))
        precondition(old & Self.countMask > 0, "left a place twice")
    }

    /// Where the client stands, or the first place that is nobody's.
    private func place(of mine: UInt64, from start: Int) -> Int? {
        var free: Int?
        for cell in start..<start + Self.setSize {
            let found = cells[cell]
            let isFree = found & Self.countMask == 0
            if !isFree, found & ~Self.countMask == mine { return cell }
            if isFree, free == nil { free = cell }
        }
        return free
    }
}
