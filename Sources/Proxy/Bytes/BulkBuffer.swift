/// The one large buffer of a worker: bodies pass through it between a read and the write after it.
///
/// It is empty between two events: what a socket does not take goes to a `Backlog`. So that idle
/// and busy connections share it, and long bodies move with few system calls.
@safe struct BulkBuffer: ~Copyable {
    /// Larger reads gave nothing more when measured (64 KiB 1.0, 256 KiB 0.80, 1 MiB 0.56 of the
    /// CPU time per byte).
    static let capacity = 1024 * 1024

    private let storage: UnsafeMutableRawPointer
    private let size: Int

    init(size: Int = BulkBuffer.capacity) {
        self.size = size
        unsafe storage = .allocate(byteCount: size, alignment: 4_096)
    }

    deinit { unsafe storage.deallocate() }

    /// The first `count` bytes.
    func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(count <= size, "more than the bulk buffer holds")
        return unsafe UnsafeMutableRawBufferPointer(start: storage, count: count)
    }
}
