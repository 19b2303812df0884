import FoundationEssentials
import CLinux
import Glibc

/// A folder of a test's own, removed when it is let go.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/switchyard-test-XXXXXX".utf8CString)
        path = try unsafe template.withUnsafeMutableBufferPointer { bytes in
            guard let start = bytes.baseAddress, unsafe mkdtemp(start) != nil else {
                throw WireFailure.system(call: "mkdtemp", code: errno)
            }
            return unsafe String(cString: start)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    package subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and answers its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: self[name]))
        return self[name]
    }

    /// The text of a file; nil when there is none.
    package func text(of name: String) -> String? {
        FileManager.default.contents(atPath: self[name]).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    package func setPermissions(_ mode: mode_t, of name: String = ".") {
        _ = unsafe chmod(self[name], mode)
    }
}
