import CLinux
import Glibc
import Synchronization

/// Bytes read from a socket and not yet consumed, in one allocation of fixed size.
///
/// Invariant: `0 <= consumed <= filled <= capacity`.
@safe struct Buffer: ~Copyable {
    let capacity: Int
    private let mapping: UnsafeMutableRawPointer
    private let storage: UnsafeMutableRawPointer
    private var consumed = 0
    private var filled = 0

    /// Where the next buffer begins in its pages; buffers that all began at the same offset would
    /// compete for the same few lines of the cache.
    private static let colour = Atomic<Int>(0)
    private static let lineBytes = 64
    private static let pageBytes = 4_096

    /// Reserves `capacity` bytes; memory is used for the pages that are written to.
    ///
    /// Mapped on its own, so that all of it goes back to the system when the buffer goes.
    init(capacity: Int) {
        self.capacity = capacity
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let memory = unsafe mmap(
            nil,
            Self.mappedBytes(capacity),
            PROT_READ | PROT_WRITE,
            flags,
            -1,
            0
        )
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            preconditionFailure("out of memory for a buffer")
        }
        let colour = Self.colour.add(Self.lineBytes, ordering: .relaxed).oldValue
        unsafe mapping = memory
        unsafe storage = memory + colour % (Self.pageBytes / 2)
    }

    deinit { unsafe munmap(mapping, Self.mappedBytes(capacity)) }

    private static func mappedBytes(_ capacity: Int) -> Int { capacity + pageBytes / 2 }

    var unreadCount: Int { filled - consumed }

    var unread: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: storage + consumed, count: unreadCount)
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Whether a part of the unread bytes is `token`, in whatever case (ASCII).
    func equalsIgnoringCase(_ range: ByteRange, _ token: [UInt8]) -> Bool {
        unread.equalsIgnoringCase(range, token)
    }

    func equalsAsVariable(_ range: ByteRange, _ token: [UInt8]) -> Bool {
        unread.equalsAsVariable(range, token)
    }

    /// The unread bytes for a system call; valid until the buffer next changes.
    var unreadBytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: storage + consumed, count: unreadCount)
    }

    /// Room for `receive`; call `filled(_:)` with what came.
    ///
    /// Moves the unread bytes to the front when nothing is left behind them.
    var freeSpace: UnsafeMutableRawBufferPointer {
        mutating get {
            if filled == capacity || consumed == filled { compact() }
            return unsafe UnsafeMutableRawBufferPointer(
                start: storage + filled,
                count: capacity - filled
            )
        }
    }

    mutating func didFill(_ count: Int) {
        precondition(count >= 0 && count <= capacity - filled, "more bytes than there was room")
        filled += count
    }

    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= unreadCount, "consumed bytes that were never read")
        consumed += count
    }

    /// Drops the unread bytes behind the first `count`.
    mutating func removeAll(after count: Int) {
        precondition(count >= 0 && count <= unreadCount, "kept bytes that were never read")
        filled = consumed + count
    }

    mutating func removeAll() {
        consumed = 0
        filled = 0
    }

    /// Copies `bytes` behind the unread ones; they must fit after compaction.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if capacity - filled < bytes.count { compact() }
        precondition(capacity - filled >= bytes.count, "appended more than the buffer holds")
        guard let base = bytes.baseAddress else { return }
        unsafe (storage + filled).copyMemory(from: base, byteCount: bytes.count)
        filled += bytes.count
    }

    private mutating func compact() {
        guard consumed > 0 else { return }
        let count = unreadCount
        if count > 0 { unsafe memmove(storage, storage + consumed, count) }
        consumed = 0
        filled = count
    }
}
