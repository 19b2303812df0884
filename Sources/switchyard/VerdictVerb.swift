import Admin

/// The verb `switchyard verdict`.
enum VerdictVerb: Verb {
    static let name = "verdict"
    static let synopsis = "[SLOT] [--json]"
    static let summary = "judges a slot, the inactive one unless named; exit code 0, 1 or 2"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("SLOT", optional: true)
        return try AdminSession(arguments).verdict(of: arguments.positional.first)
    }
}
