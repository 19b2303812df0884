import Admin

/// The verb `switchyard dashboard-json`.
enum DashboardVerb: Verb {
    static let name = "dashboard-json"
    static let summary = "prints the dashboard for Grafana"

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        Terminal.say(Dashboard.text)
        return .done
    }
}
