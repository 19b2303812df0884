import Glibc

/// A system call that failed, in words.
struct SystemFailure: Error, Equatable {
    let call: String
    let code: Int32

    /// Reads `errno`, which the failed call has just set.
    init(_ call: String) {
        self.call = call
        code = errno
    }

    /// The system's sentence, such as `No space left on device`.
    var reason: String { unsafe String(cString: strerror(code)) }
}

/// The one owner of an open descriptor, which is closed with it.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes ownership of what `call` returned; throws the `errno` it left if that is negative.
    init(_ call: String, _ number: Int32) throws(SystemFailure) {
        guard number >= 0 else { throw SystemFailure(call) }
        self.number = number
    }

    deinit { close(number) }
}

extension Descriptor {
    static func open(
        _ path: String,
        _ flags: Int32,
        mode: mode_t = 0
    ) throws(SystemFailure) -> Descriptor {
        try Descriptor("open", unsafe Glibc.open(path, flags | O_CLOEXEC, mode))
    }

    /// Writes everything, however many calls that takes.
    borrowing func write(_ bytes: [UInt8]) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { rest in
                unsafe Glibc.write(number, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure("write") }
            written += count
        }
    }

    /// Reads to the end, or one byte more than `limitBytes`, so that the caller sees the excess.
    borrowing func read(limitBytes: Int) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limitBytes {
            let wanted = min(limitBytes + 1 - bytes.count, 65_536)
            var count = 0
            let part = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { room, filled in
                count = unsafe Glibc.read(number, room.baseAddress, wanted)
                filled = max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFailure("read") }
            guard count > 0 else { break }
            bytes += part
        }
        return bytes
    }

    /// Returns when the content is on the disk.
    borrowing func sync() throws(SystemFailure) {
        guard fsync(number) == 0 else { throw SystemFailure("fsync") }
    }
}

/// A whole small file; throws when it cannot be read, and cuts after `limitBytes + 1`.
func contents(of path: String, limitBytes: Int) throws(SystemFailure) -> [UInt8] {
    try Descriptor.open(path, O_RDONLY).read(limitBytes: limitBytes)
}
