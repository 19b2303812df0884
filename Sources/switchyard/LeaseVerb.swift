import Admin

/// The verb `switchyard lease`.
enum LeaseVerb: Verb {
    static let name = "lease"
    static let synopsis = "SLOT [--for 30m] [--holder NAME] | SLOT --release"
    static let summary = "keeps traffic away from a slot while somebody deploys there"
    static let options =
        [
            Option("for", "TIME", help: "how long at most, 30m by default"),
            Option("holder", "NAME", help: "who deploys; only the same may renew or release it"),
            Option("release", help: "end the lease"),
            Option("reason", "TEXT", help: "kept in the history"),
        ] + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("SLOT")
        return try AdminSession(arguments).lease(arguments.positional[0])
    }
}
