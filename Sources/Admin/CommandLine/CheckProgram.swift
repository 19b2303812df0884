import Proxy

/// Reads a configuration and tells every mistake at once.
package struct CheckProgram {
    private let path: String

    package init(path: String) { self.path = path }

    package func run() -> ExitCode {
        do {
            let config = try Config.load(path: path)
            Terminal.say("\(path) is fine, configuration \(config.hash)")
            return .done
        } catch {
            for issue in error.issues { Terminal.complain("\(issue)") }
            return .refused
        }
    }
}
