import Admin

/// The verb `switchyard version`.
enum VersionVerb: Verb {
    static let name = "version"
    static let summary = "prints the version"

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        Terminal.say("switchyard \(Version.text)")
        return .done
    }
}
