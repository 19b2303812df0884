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

    /// What an attempt says of the slot that it went to.
    enum Evidence { case success, failure, neither }

    /// What the judge makes of it: whoever gave up tells nothing of the slot.
    var evidence: Evidence {
        switch self {
        case .success: .success
        case .serverError, .connectFailure, .connectTimeout, .responseTimeout, .closed,
            .malformedResponse:
            .failure
        case .aborted: .neither
        }
    }

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
