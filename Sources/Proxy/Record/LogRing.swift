import CLinux
import Glibc
import Synchronization

/// Log lines on their way from one worker to the log writer: one thread appends, one takes.
///
/// Invariant: `0 <= appended - taken <= capacity`; the bytes between them are whole records. When
/// it is full, lines are dropped and counted: a slow disk never holds a request up.
@safe final class LogRing: @unchecked Sendable {
    /// Where a line goes.
    enum Kind: UInt8 { case access, error }

    /// About a thousand lines; a power of two.
    static let capacity = 256 * 1024
    /// Size and kind stand before each line.
    private static let prefixBytes = 4

    private let storage: UnsafeMutableRawPointer
    private let appended = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)
    private let dropped = Atomic<UInt64>(0)
    /// The writer sleeps until it is woken.
    private let isAwaited = Atomic<Bool>(false)

    init() { unsafe storage = .allocate(byteCount: Self.capacity, alignment: 16) }
    deinit { unsafe storage.deallocate() }

    var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }

    // MARK: By the worker

    /// Appends one line; whether the writer has to be woken.
    func append(_ kind: Kind, _ line: borrowing TextBuffer) -> Bool {
        let size = line.count + Self.prefixBytes
        let start = appended.load(ordering: .relaxed)
        guard start - taken.load(ordering: .acquiring) + size <= Self.capacity else {
            dropped.store(dropped.load(ordering: .relaxed) + 1, ordering: .relaxed)
            return false
        }
        var prefix = UInt32(line.count) << 8 | UInt32(kind.rawValue)
        unsafe withUnsafeBytes(of: &prefix) { unsafe copyIn($0, at: start) }
        unsafe copyIn(line.bytes, at: start + Self.prefixBytes)
        appended.store(start + size, ordering: .sequentiallyConsistent)
        return isAwaited.exchange(false, ordering: .sequentiallyConsistent)
    }

    private func copyIn(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        guard let base = bytes.baseAddress else { return }
        let offset = position & (Self.capacity - 1)
        let first = min(bytes.count, Self.capacity - offset)
        unsafe (storage + offset).copyMemory(from: base, byteCount: first)
        unsafe storage.copyMemory(from: base + first, byteCount: bytes.count - first)
    }

    // MARK: By the writer

    /// Moves all lines to the end of the text of their kind.
    func take(access: inout [UInt8], error: inout [UInt8]) {
        var position = taken.load(ordering: .relaxed)
        let end = appended.load(ordering: .acquiring)
        while position < end {
            var prefix: UInt32 = 0
            for place in 0..<Self.prefixBytes {
                prefix |= UInt32(byte(at: position + place)) << UInt32(8 * place)
            }
            let line =
                (position + Self.prefixBytes)..<(position + Self.prefixBytes + Int(prefix >> 8))
            if Kind(rawValue: UInt8(prefix & 0xFF)) == .access {
                access.append(contentsOf: line.lazy.map(byte))
            } else {
                error.append(contentsOf: line.lazy.map(byte))
            }
            position = line.upperBound
        }
        taken.store(end, ordering: .releasing)
    }

    /// Asks to be woken by the next line; false when one is there already.
    func awaitLine() -> Bool {
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        let isEmpty =
            appended.load(ordering: .sequentiallyConsistent) == taken.load(ordering: .relaxed)
        if !isEmpty { isAwaited.store(false, ordering: .relaxed) }
        return isEmpty
    }

    private func byte(at position: Int) -> UInt8 {
        unsafe storage.load(fromByteOffset: position & (Self.capacity - 1), as: UInt8.self)
    }
}
