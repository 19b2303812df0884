import Admin

/// The verb `switchyard reload`.
enum ReloadVerb: Verb {
    static let name = "reload"
    static let summary = "applies a changed configuration file, all or nothing"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).reload()
    }
}
