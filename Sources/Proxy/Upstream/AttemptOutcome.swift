/// How one attempt at an endpoint ended; the `outcome` of `upstream_attempts_total`.
enum AttemptOutcome: Int, CaseIterable {
    /// A response with a status below 500.
    case success
    /// A response with a status of 500 or above.
    case serverError
    case connectFailure
    case connectTimeout
    case responseTimeout
    /// Closed or reset before the response was whole.
    case closed
    case malformedResponse
    /// The downstream went away, or broke the rules, before the response was whole.
    case aborted

    var name: String {
        switch self {
        case .success: "success"
        case .serverError: "server_error"
        case .connectFailure: "connect_failure"
        case .connectTimeout: "connect_timeout"
        case .responseTimeout: "response_timeout"
        case .closed: "closed"
        case .malformedResponse: "malformed_response"
        case .aborted: "aborted"
        }
    }
}
