import CLinux
import Glibc

/// The program's own messages: one line each on standard error, for people and journald.
package struct Log: Sendable {
    private let descriptor: Int32

    package init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

    /// Writes one line; lines of several threads do not mix, for each is one system call.
    package func note(_ message: String) {
        let line = Array("switchyard: \(message)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}
