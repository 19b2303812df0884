import Admin
import Demo
import Proxy

/// The verb `switchyard demo`.
enum DemoVerb: Verb {
    static let name = "demo"
    static let synopsis = "[proxy.json]"
    static let summary = "runs the proxy and a small application on every loopback endpoint"

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require("proxy.json", optional: true)
        let path = arguments.positional.first ?? ServeProgram.standardPath
        return ServeProgram(path: path, companion: origins).run()
    }

    private static func origins(
        _ config: Config
    ) throws(StartFailure) -> ServeProgram.Companion? {
        let origins: DemoOrigins
        do { origins = try DemoOrigins(config: config) } catch {
            throw StartFailure(message: error.message)
        }
        return ServeProgram.Companion(
            start: { origins.start() },
            stop: { origins.stop() },
            introduction: { origins.introduction(config: $0) }
        )
    }
}
