import CLinux
import Glibc
import Proxy

extension FileDescriptor {
    static func open(
        _ path: String,
        _ flags: Int32,
        mode: mode_t = 0
    ) throws(SystemError) -> FileDescriptor {
        try FileDescriptor("open", unsafe Glibc.open(path, flags | O_CLOEXEC, mode))
    }

    /// Writes everything, however many calls that takes.
    borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { rest in
                unsafe Glibc.write(rawValue, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write") }
            written += count
        }
    }

    /// Reads to the end, or one byte more than `limitBytes`, so that the caller sees the excess.
    borrowing func read(limitBytes: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limitBytes {
            let wanted = min(limitBytes + 1 - bytes.count, 65_536)
            var count = 0
            let part = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { room, filled in
                count = unsafe Glibc.read(rawValue, room.baseAddress, wanted)
                filled = max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read") }
            guard count > 0 else { break }
            bytes += part
        }
        return bytes
    }

    /// Returns when the content is on the disk.
    borrowing func sync() throws(SystemError) {
        guard fsync(rawValue) == 0 else { throw SystemError("fsync") }
    }
}

/// A whole small file; throws when it cannot be read, and cuts after `limitBytes + 1`.
func contents(of path: String, limitBytes: Int) throws(SystemError) -> [UInt8] {
    try FileDescriptor.open(path, O_RDONLY).read(limitBytes: limitBytes)
}
