@testable import Proxy

/// The configuration: any text is taken, or refused with sentences; never both, never neither.
enum ConfigTarget {
    static func check(_ bytes: [UInt8]) throws {
        // No file of this machine is read, whatever the text names.
        let files: FileReader = { _ in .failure(FileFailure(reason: "no files here")) }
        do throws(ConfigFailure) {
            _ = try Config.parse(bytes, reading: files)
        } catch {
            let issues = error.issues
            guard !issues.isEmpty else { throw FuzzFinding("refused without a reason") }
            for issue in issues where issue.path.isEmpty || issue.message.isEmpty {
                throw FuzzFinding("an issue without place or sentence: \(issue)")
            }
        }
    }
}
