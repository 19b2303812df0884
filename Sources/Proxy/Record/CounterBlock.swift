import CLinux
import Glibc
import Synchronization

/// Counters in one run of memory: one thread writes, any thread reads.
///
/// A relaxed load and a relaxed store make an addition without a locked instruction; a reader may
/// miss the last few, and never sees a torn value. It is a mere reference, free to copy; the memory
/// stays for the life of the process unless its one owner frees it.
@safe struct CounterBlock: Sendable {
    let count: Int
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>

    /// `count` zeros; pages are not touched before they are counted in.
    init(count: Int) {
        self.count = count
        guard let memory = unsafe calloc(count, MemoryLayout<Atomic<UInt64>>.stride) else {
            preconditionFailure("out of memory for counters")
        }
        // All zero bytes are an Atomic<UInt64> of zero.
        unsafe cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    }

    /// For the owner, when nobody has a copy of the reference any more.
    func deallocate() { unsafe free(cells) }

    subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return unsafe cells[index].load(ordering: .relaxed)
    }

    /// For the writing thread only.
    func add(_ index: Int, _ amount: UInt64 = 1) {
        precondition(index >= 0 && index < count)
        let value = unsafe cells[index].load(ordering: .relaxed)
        unsafe cells[index].store(value &+ amount, ordering: .relaxed)
    }

    /// For the writing thread only.
    func set(_ index: Int, _ value: UInt64) {
        precondition(index >= 0 && index < count)
        unsafe cells[index].store(value, ordering: .relaxed)
    }

    /// For the writing thread only.
    func subtract(_ index: Int, _ amount: UInt64 = 1) {
        add(index, 0 &- amount)
    }
}
