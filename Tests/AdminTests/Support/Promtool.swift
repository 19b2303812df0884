import Foundation

/// The linter that comes with Prometheus.
enum Promtool {
    /// What `promtool check metrics` says of a page; empty when it has nothing to say.
    static func findings(_ page: String) throws -> String {
        let places = ["/usr/bin", "/usr/local/bin"].map { $0 + "/promtool" }
        guard let place = places.first(where: FileManager.default.isExecutableFile) else {
            return "promtool is missing: install the Debian package prometheus"
        }
        let process = Process()
        process.executableURL = URL(filePath: place)
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let words = String(decoding: said, as: UTF8.self)
        return process.terminationStatus == 0 ? words : words + " (\(process.terminationStatus))"
    }
}
