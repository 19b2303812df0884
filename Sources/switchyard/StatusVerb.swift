import Admin

/// The verb `switchyard status`.
enum StatusVerb: Verb {
    static let name = "status"
    static let synopsis = "[--watch] [--json]"
    static let summary = "shows slots, health, shares and connections"
    static let options =
        [Option("watch", help: "show it again every second")] + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).status()
    }
}
