import Admin

/// The verb `switchyard check`.
enum CheckVerb: Verb {
    static let name = "check"
    static let synopsis = "[proxy.json]"
    static let summary = "tells every mistake of a configuration file"

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("proxy.json", optional: true)
        return CheckProgram(path: arguments.positional.first ?? ServeProgram.standardPath).run()
    }
}
