import CLinux
import Glibc

/// Pieces of memory to be written in order by one `writev`.
///
/// Invariant: `first <= count <= capacity`; every slice before `count` is initialised. Whoever
/// appends a slice keeps its memory alive and unchanged until the list is cleared.
@safe struct SliceList: ~Copyable {
    /// A head of `FieldTable.capacityLimit` fields has at most so many gaps, each with one
    /// insertion; and below the kernel's IOV_MAX (1,024).
    static let capacity = 640

    private let slices: UnsafeMutablePointer<iovec>
    private var first = 0
    private var count = 0
    /// Bytes in all slices that are left.
    private(set) var byteCount = 0

    init() { unsafe slices = .allocate(capacity: Self.capacity) }
    deinit { unsafe slices.deallocate() }

    var isEmpty: Bool { byteCount == 0 }

    var remaining: UnsafeBufferPointer<iovec> {
        unsafe UnsafeBufferPointer(start: slices + first, count: count - first)
    }

    mutating func removeAll() {
        first = 0
        count = 0
        byteCount = 0
    }

    mutating func append(_ base: UnsafeRawPointer, count bytes: Int) {
        guard bytes > 0 else { return }
        precondition(count < Self.capacity, "more slices than any head can have")
        unsafe slices[count] = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: base),
            iov_len: bytes
        )
        count += 1
        byteCount += bytes
    }

    mutating func append(_ text: StaticString) {
        unsafe append(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Drops the first `written` bytes.
    mutating func advance(_ written: Int) {
        precondition(written <= byteCount, "wrote more than there was")
        byteCount -= written
        guard byteCount > 0 else { return removeAll() }
        var left = written
        while unsafe left >= slices[first].iov_len {
            unsafe left -= slices[first].iov_len
            first += 1
        }
        if left > 0 {
            unsafe slices[first].iov_base = unsafe slices[first].iov_base + left
            unsafe slices[first].iov_len -= left
        }
    }

    /// Copies all that is left to `target`, which has room for `byteCount`.
    func copy(to target: UnsafeMutableRawPointer) {
        var offset = 0
        for index in first..<count {
            let slice = unsafe slices[index]
            unsafe (target + offset).copyMemory(from: slice.iov_base, byteCount: slice.iov_len)
            unsafe offset += slice.iov_len
        }
    }
}

extension SliceList {
    mutating func append(_ backlog: borrowing Backlog) {
        let bytes = unsafe backlog.bytes
        guard let base = bytes.baseAddress else { return }
        unsafe append(base, count: bytes.count)
    }
}
