import Admin

/// The verb `switchyard drain`.
enum DrainVerb: Verb {
    static let name = "drain"
    static let synopsis = "[SLOT] [--wait] [--timeout 30s]"
    static let summary = "shows what still runs on a slot, or waits for its end"
    static let options = AdminSession.drainOptions + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("SLOT", optional: true)
        return try AdminSession(arguments).drain(arguments.positional.first)
    }
}
