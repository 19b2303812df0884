import CLinux
import Glibc
import Synchronization

/// A row of numbers that any thread reads and changes without a lock, each by itself.
///
/// Invariant: `cells` has `count` initialised elements as long as the object lives.
@safe final class SharedWords: Sendable {
    private let count: Int
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>

    /// `count` zeros; pages are not touched before they are used.
    init(count: Int) {
        self.count = count
        guard let memory = unsafe calloc(count, MemoryLayout<Atomic<UInt64>>.stride) else {
            preconditionFailure("out of memory for shared words")
        }
        // All zero bytes are an Atomic<UInt64> of zero.
        unsafe cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    }

    deinit { unsafe free(cells) }

    subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return unsafe cells[index].load(ordering: .relaxed)
    }

    func store(_ index: Int, _ value: UInt64) {
        precondition(index >= 0 && index < count)
        unsafe cells[index].store(value, ordering: .relaxed)
    }

    /// Puts `new` in the place of `old`; false when something else stood there.
    func replace(_ index: Int, _ old: UInt64, with new: UInt64) -> Bool {
        precondition(index >= 0 && index < count)
        return unsafe cells[index].compareExchange(
            expected: old,
            desired: new,
            ordering: .relaxed
        ).exchanged
    }

    /// Takes one away; answers what was there.
    func decrement(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return unsafe cells[index].wrappingSubtract(1, ordering: .relaxed).oldValue
    }
}
