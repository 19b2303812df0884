/// Why one attempt failed, and how far it had come.
struct UpstreamFailure: Error, Equatable {
    enum Cause { case connectFailure, connectTimeout, responseTimeout, closed, malformedResponse }
    enum Progress { case nothingSent, requestStarted, responseStarted }

    let cause: Cause
    let progress: Progress
    /// The connection had served a request before: it may have been closed while it was idle.
    let wasReused: Bool

    /// Whether another attempt is safe and useful: it must not repeat an effect
    /// (RFC 9110 §9.2.2), and only a failure that says nothing of the request is tried again.
    func mayRetry(idempotent: Bool) -> Bool {
        switch (cause, progress) {
        case (.connectFailure, _), (.connectTimeout, _): true
        case (.closed, .nothingSent): wasReused
        case (.closed, .requestStarted): wasReused && idempotent
        case (.closed, .responseStarted), (.responseTimeout, _), (.malformedResponse, _): false
        }
    }

    /// The connection had been closed while it was idle, or may have been: if the request is tried
    /// again elsewhere, this attempt tells nothing of the slot.
    var mayBeStale: Bool { wasReused && cause == .closed && progress != .responseStarted }

    /// What the downstream is told when no attempt is left (RFC 9110 §15.6).
    var status: UInt16 {
        switch cause {
        case .connectTimeout, .responseTimeout: 504
        case .connectFailure, .closed, .malformedResponse: 502
        }
    }

    var reason: StaticString {
        switch cause {
        case .connectFailure: "The endpoint refused the connection."
        case .connectTimeout: "The endpoint did not accept the connection in time."
        case .responseTimeout: "The endpoint did not answer in time."
        case .closed: "The endpoint closed the connection before its response."
        case .malformedResponse: "The response of the endpoint is malformed."
        }
    }

    var outcome: AttemptOutcome {
        switch cause {
        case .connectFailure: .connectFailure
        case .connectTimeout: .connectTimeout
        case .responseTimeout: .responseTimeout
        case .closed: .closed
        case .malformedResponse: .malformedResponse
        }
    }
}
