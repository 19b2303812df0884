import Admin

/// The verb `switchyard canary`.
enum CanaryVerb: Verb {
    static let name = "canary"
    static let synopsis = "set PERCENT | off"
    static let summary = "gives the inactive slot a share of live traffic, or none"
    static let options = AdminSession.changeOptions + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        switch arguments.positional.first {
        case "set":
            try arguments.require("set", "PERCENT")
            return try AdminSession(arguments).setCanary(percent: arguments.positional[1])
        case "off":
            try arguments.require("off")
            return try AdminSession(arguments).clearCanary()
        default: throw UsageFailure(message: "write canary set PERCENT or canary off")
        }
    }
}
