import Foundation

/// A directory of a test's own, which goes with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "switchyard-\(UUID().uuidString)"
        let made: ()? = try? FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        precondition(made != nil, "no directory for tests")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let isWritten = FileManager.default.createFile(
            atPath: file(name),
            contents: Data(bytes)
        )
        precondition(isWritten, "a test's file was not written")
        return file(name)
    }
}
