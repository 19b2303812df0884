import CLinux
import Glibc

@testable import Proxy

/// What a buffer of ours holds, as an array to compare with.
func array(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }

extension Backlog {
    var left: [UInt8] { unsafe Array(bytes) }
}

extension TextBuffer {
    var left: [UInt8] { unsafe Array(bytes) }
}

extension Buffer {
    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Takes bytes as a socket would give them: as many as there is room for.
    mutating func receive(_ bytes: some Collection<UInt8>) -> Int {
        let space = unsafe freeSpace
        let count = min(space.count, bytes.count)
        unsafe space.copyBytes(from: bytes.prefix(count))
        didFill(count)
        return count
    }
}

extension SliceList {
    /// All bytes that are left, as `writev` would send them.
    var left: [UInt8] {
        unsafe remaining.flatMap { slice in
            unsafe Array(UnsafeRawBufferPointer(start: slice.iov_base, count: slice.iov_len))
        }
    }
}
