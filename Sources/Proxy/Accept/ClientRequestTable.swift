/// How often each client asks: a token bucket for each in a table of fixed size that all workers
/// share without a lock.
///
/// A bucket is one number, the time at which it will be full again (the generic cell rate
/// algorithm of ATM). A client that is not in the table has a full one, so whoever is full again
/// may be forgotten. When all places of a set belong to clients that are not, the one that is
/// nearest to full is pushed out: it begins with a full bucket, an error in the client's favour
/// and never against one that keeps to the limit.
final class ClientRequestTable: Sendable {
    /// Clients at a time; with 16 bytes each a MiB, of which only what is used is in memory.
    static let placeCount = 65_536
    /// Places where one client may stand: a cache line or two.
    static let setSize = 8

    /// A rate as the table needs it.
    struct Rate: Equatable {
        /// Between two requests, in the long run.
        let pause: Int64
        /// How far ahead of the long run a client may be.
        let burst: Int64

        init(_ requests: Config.ClientRequests) {
            pause = 1_000_000_000 / Int64(requests.perSecond)
            burst = pause * Int64(requests.burst)
        }
    }

    private let key: ClientKey
    /// Key and time of each place; a key of 0 is nobody's.
    private let cells = SharedWords(count: 2 * ClientRequestTable.placeCount)

    init(random: inout Random) { key = ClientKey(random: &random) }

    /// Whether `client` may ask once more now; counts the request if so.
    func take(_ client: IPAddress, _ rate: Rate, now: MonotonicTime) -> Bool {
        let hash = key.hash(client)
        let cell = place(of: hash | 1, set: Int(hash >> 32) & (Self.setCount - 1), now: now)
        while true {
            let fullAt = cells[cell + 1]
            let next = max(Int64(bitPattern: fullAt), now.nanoseconds) + rate.pause
            guard next - now.nanoseconds <= rate.burst else { return false }
            if cells.replace(cell + 1, fullAt, with: UInt64(bitPattern: next)) { return true }
        }
    }

    private static var setCount: Int { placeCount / setSize }

    /// The client's place, its own or one that it takes.
    ///
    /// Two workers that take places at the same time may give a client two buckets, or have two
    /// clients share one for a request: both are rare and cost no more than a burst.
    private func place(of mine: UInt64, set: Int, now: MonotonicTime) -> Int {
        let start = 2 * Self.setSize * set
        var fullest = start
        var fullestAt = Int64.max
        for step in 0..<Self.setSize {
            let cell = start + 2 * step
            if cells[cell] == mine { return cell }
            let fullAt = Int64(bitPattern: cells[cell + 1])
            if fullAt < fullestAt { (fullest, fullestAt) = (cell, fullAt) }
        }
        cells.store(fullest + 1, 0)
        cells.store(fullest, mine)
        return fullest
    }
}
