import Admin

/// The verb `switchyard rollout`.
enum RolloutVerb: Verb {
    static let name = "rollout"
    static let synopsis = "start [SLOT] | status | pause | resume | promote | abort"
    static let summary = "moves traffic to the inactive slot step by step, judged"
    static let options =
        AdminSession.startOptions + AdminSession.rolloutOptions + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        let session = try AdminSession(arguments)
        switch arguments.positional.first {
        case "start":
            try arguments.require("start", "SLOT", optional: true)
            return try session.startRollout(slot: arguments.positional.dropFirst().first)
        case "status":
            try arguments.require("status")
            return session.rolloutStatus()
        case let verb? where ["pause", "resume", "promote", "abort"].contains(verb):
            try arguments.require(verb)
            return try session.commandRollout(verb)
        default: throw UsageFailure(message: "write rollout \(synopsis)")
        }
    }
}
