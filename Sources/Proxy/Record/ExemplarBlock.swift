import Synchronization

/// A request that stands for those of a histogram's bucket: its trace, and what it took.
package struct Exemplar: Sendable, Equatable {
    package let traceID: (high: UInt64, low: UInt64)
    package let seconds: Double
    /// Seconds since 1970.
    package let time: Double

    package static func == (left: Exemplar, right: Exemplar) -> Bool {
        left.traceID == right.traceID && left.seconds == right.seconds && left.time == right.time
    }
}

/// The newest exemplar of each bucket: one thread writes, any thread reads.
///
/// The number at the front of a row is odd while it is written. A reader that finds it odd, or
/// another one afterwards, has read a torn row and does without.
struct ExemplarBlock: Sendable {
    private static let rowCells = 5

    private let cells: CounterBlock

    init(buckets: Int) { cells = CounterBlock(count: buckets * Self.rowCells) }

    /// For the writing thread only.
    func note(
        _ bucket: Int,
        trace: TraceParent,
        duration: Nanoseconds,
        wallClock nanoseconds: Int64
    ) {
        let row = bucket * Self.rowCells
        cells.add(row)
        atomicMemoryFence(ordering: .releasing)
        cells.set(row + 1, trace.traceID.high)
        cells.set(row + 2, trace.traceID.low)
        cells.set(row + 3, UInt64(max(0, duration.count)))
        cells.set(row + 4, UInt64(max(0, nanoseconds)))
        atomicMemoryFence(ordering: .releasing)
        cells.add(row)
    }

    /// The exemplar of a bucket; nil when there is none, or one is being written.
    subscript(bucket: Int) -> Exemplar? {
        let row = bucket * Self.rowCells
        let before = cells[row]
        guard before > 0, before & 1 == 0 else { return nil }
        atomicMemoryFence(ordering: .acquiring)
        let exemplar = Exemplar(
            traceID: (cells[row + 1], cells[row + 2]),
            seconds: Double(cells[row + 3]) / 1e9,
            time: Double(cells[row + 4]) / 1e9
        )
        atomicMemoryFence(ordering: .acquiring)
        return cells[row] == before ? exemplar : nil
    }
}
