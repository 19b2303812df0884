import CLinux
import Glibc

extension Config {
    /// The configuration of the file at `path`; throws every mistake in it at once.
    package static func load(path: String) throws(ConfigFailure) -> Config {
        switch readFile(path) {
        case .success(let text): return try parse(text, reading: readFile)
        case .failure(let failure):
            let issue = ConfigIssue(
                path: path,
                found: "no readable file (\(failure.reason))",
                message: "name the configuration's file, such as proxy.json"
            )
            throw ConfigFailure(issues: [issue])
        }
    }

    /// The configuration that `text` describes.
    package static func parse(_ text: String) throws(ConfigFailure) -> Config {
        try parse(Array(text.utf8), reading: readFile)
    }

    /// The same, with token files that come from `files`.
    static func parse(_ text: [UInt8], reading files: FileReader) throws(ConfigFailure) -> Config {
        var check = ConfigCheck(text: text)
        let rule = ConfigRule<ConfigFile>.file
        do {
            let json = try JSONParser.parse(text)
            let place = ConfigPlace(path: "$", offset: json.offset)
            let config = rule.value(json, at: place, &check)?.checked(&check, reading: files)
            if let config, !check.hasIssues { return config }
        } catch {
            let place = ConfigPlace(path: "$", offset: error.offset)
            check.refuse(place, found: error.found, error.message)
        }
        throw ConfigFailure(issues: check.issues)
    }

    /// At most `ConfigLimits.fileBytes` of it: `/dev/zero` is a file too.
    static func readFile(_ path: String) -> Result<[UInt8], FileFailure> {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(lastFailure) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= ConfigLimits.fileBytes {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count == 0 { return .success(bytes) }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno != EINTR {
                return .failure(lastFailure)
            }
        }
        let limit = ByteSize.text(ConfigLimits.fileBytes)
        return .failure(FileFailure(reason: "larger than \(limit)"))
    }

    /// What `errno` says of the call before.
    private static var lastFailure: FileFailure {
        FileFailure(reason: unsafe String(cString: strerror(errno)))
    }
}
