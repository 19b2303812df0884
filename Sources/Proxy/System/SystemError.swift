import CLinux
import Glibc

/// A system call that failed: its name and the `errno` it left.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(_ call: StaticString, code: Int32 = errno) {
        self.call = "\(call)"
        self.code = code
    }

    /// This machine has run out of something; whom the call was for is not to blame.
    var isShortage: Bool {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC, EADDRNOTAVAIL: true
        default: false
        }
    }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
        return unsafe "\(call): \(String(cString: text))"
    }
}

/// The one owner of an open file descriptor, which is closed with it.
package struct FileDescriptor: ~Copyable, Sendable {
    package let rawValue: Int32

    /// Takes ownership of what `call` returned; throws the `errno` it left if that is negative.
    package init(_ call: StaticString, _ rawValue: Int32) throws(SystemError) {
        guard rawValue >= 0 else { throw SystemError(call) }
        self.rawValue = rawValue
    }

    deinit { close(rawValue) }

    /// Gives the descriptor away: closing it is the caller's from now on.
    consuming func release() -> Int32 {
        let descriptor = rawValue
        discard self
        return descriptor
    }
}
