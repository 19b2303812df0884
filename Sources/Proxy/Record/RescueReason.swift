/// Why a request was answered by the slot that it was not meant for; the `reason` of
/// `http_requests_rescued_total`.
enum RescueReason: UInt8, CaseIterable {
    case connectFailure, connectTimeout, responseTimeout, closed, malformedResponse
    /// 502, 503 or 504, or 500 where that is asked for.
    case serverError
    /// No endpoint of the service was healthy.
    case unhealthy
    /// No connection to the service was free: its queue was full, or it waited there too long.
    case queue
    /// 404, on a route that rescues assets.
    case notFound

    var name: StaticString {
        switch self {
        case .connectFailure: "connect_failure"
        case .connectTimeout: "connect_timeout"
        case .responseTimeout: "response_timeout"
        case .closed: "closed"
        case .malformedResponse: "malformed_response"
        case .serverError: "server_error"
        case .unhealthy: "unhealthy"
        case .queue: "queue"
        case .notFound: "not_found"
        }
    }
}
