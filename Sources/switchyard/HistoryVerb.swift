import Admin

/// The verb `switchyard history`.
enum HistoryVerb: Verb {
    static let name = "history"
    static let summary = "shows changes of traffic, starts and reloads"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).history()
    }
}
