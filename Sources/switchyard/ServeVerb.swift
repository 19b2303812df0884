import Admin

/// The verb `switchyard serve`.
enum ServeVerb: Verb {
    static let name = "serve"
    static let synopsis = "[proxy.json]"
    static let summary = "runs the proxy"

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("proxy.json", optional: true)
        return ServeProgram(path: arguments.positional.first ?? ServeProgram.standardPath).run()
    }
}
