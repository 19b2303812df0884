import CLinux
import Glibc

/// Bytes that a socket did not take yet: read on one side, to be written on the other.
///
/// Nothing more is read from the other side until it is empty again, so that one exchange holds at
/// most one read's worth of bytes in each direction (and the heads that go before it).
@safe struct Backlog: ~Copyable {
    private var storage: UnsafeMutableRawPointer?
    private var offset = 0
    private var end = 0

    init() {}

    deinit { unsafe storage?.deallocate() }

    var count: Int { end - offset }
    var isEmpty: Bool { end == offset }

    /// The bytes left, for a system call.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: storage.map { unsafe $0 + offset }, count: count)
    }

    /// Takes a copy of all that `slices` has left, behind what is here.
    mutating func append(_ slices: borrowing SliceList) {
        guard slices.byteCount > 0 else { return }
        let kept = count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: kept + slices.byteCount,
            alignment: 16
        )
        if let old = unsafe bytes.baseAddress {
            unsafe memory.copyMemory(from: old, byteCount: kept)
        }
        unsafe slices.copy(to: memory + kept)
        unsafe storage?.deallocate()
        unsafe storage = memory
        offset = 0
        end = kept + slices.byteCount
    }

    /// Drops what was written; gives the memory back with the last byte.
    mutating func consume(_ written: Int) {
        precondition(written <= count, "wrote more than there was")
        offset += written
        if isEmpty { removeAll() }
    }

    mutating func removeAll() {
        unsafe storage?.deallocate()
        unsafe storage = nil
        offset = 0
        end = 0
    }
}
