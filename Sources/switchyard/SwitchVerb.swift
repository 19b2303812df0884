import Admin

/// The verb `switchyard switch`.
enum SwitchVerb: Verb {
    static let name = "switch"
    static let synopsis =
        "SLOT [--wait drained] [--timeout 30s] [--force] [--if-generation N] [--reason TEXT]"
    static let summary = "moves all live traffic to a slot"
    static let options =
        AdminSession.waitOptions + AdminSession.changeOptions + AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("SLOT")
        return try AdminSession(arguments).switchSlot(to: arguments.positional[0])
    }
}
