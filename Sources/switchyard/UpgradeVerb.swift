import Admin

/// The verb `switchyard upgrade`.
enum UpgradeVerb: Verb {
    static let name = "upgrade"
    static let summary = "replaces the running program by the one at its path, without a pause"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).upgrade()
    }
}
