import Admin

/// The verb `switchyard rollback`.
enum RollbackVerb: Verb {
    static let name = "rollback"
    static let synopsis =
        "[--wait drained] [--timeout 30s] [--force] [--if-generation N] [--reason TEXT]"
    static let summary = "moves all live traffic back to the slot before the last switch"
    static let options =
        AdminSession.waitOptions + AdminSession.changeOptions + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).rollback()
    }
}
