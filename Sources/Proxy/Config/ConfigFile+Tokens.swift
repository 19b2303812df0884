import CLinux
import Glibc

/// Reads a file by its path; tests bring their own.
typealias FileReader = (String) -> Result<[UInt8], FileFailure>

/// Why a file could not be read: the system's words.
struct FileFailure: Error, Equatable {
    let reason: String
}

extension ConfigFile {
    /// Looks into every token file, and returns the preview's token.
    ///
    /// A token stands in no issue, and neither does the path of its file: somebody may have written
    /// the token there.
    func checkTokens(_ check: inout ConfigCheck, reading files: FileReader) -> String? {
        let admin = settings.admin
        let full = token(admin.tokenFile, at: "$.admin.token_file", &check, files)
        let reading = token(admin.readTokenFile, at: "$.admin.read_token_file", &check, files)
        if let full, full == reading {
            check.refuse(
                check.place("$.admin.read_token_file"),
                found: "the token of `token_file`",
                "write the path of a file with another token"
            )
        }
        return token(settings.preview?.tokenFile, at: "$.preview.token_file", &check, files)
    }

    /// Looks into the file with the secret that signs session cookies, and returns it.
    func checkSessionKey(_ check: inout ConfigCheck, reading files: FileReader) -> String? {
        token(settings.canary.session?.keyFile, at: "$.canary.session.key_file", &check, files)
    }

    private func token(
        _ file: String?,
        at path: String,
        _ check: inout ConfigCheck,
        _ files: FileReader
    ) -> String? {
        Self.token(file, at: check.place(path), &check, files)
    }

    /// What the file holds that stands at `place`; nil after an issue was reported.
    static func token(
        _ file: String?,
        at place: ConfigPlace,
        _ check: inout ConfigCheck,
        _ files: FileReader
    ) -> String? {
        guard let file else { return nil }
        switch files(file) {
        case .failure(let failure):
            check.refuse(
                place,
                found: "a file that cannot be read (\(failure.reason))",
                "write the path of a readable file with a token"
            )
        case .success(let bytes):
            let token = bytes.trimmed
            if token.isEmpty {
                check.refuse(
                    place,
                    found: "a file without a token",
                    "put a token into it"
                )
            } else if token.count > ConfigLimits.tokenBytes
                || !token.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            {
                check.refuse(
                    place,
                    found: "a file with more than a token",
                    "put one word of at most \(ConfigLimits.tokenBytes) printable ASCII characters"
                        + " into it"
                )
            } else {
                return String(decoding: token, as: UTF8.self)
            }
        }
        return nil
    }
}

extension [UInt8] {
    /// Without the blanks and line ends around it.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let end = lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
        return self[..<end].drop(while: isBlank)
    }
}
