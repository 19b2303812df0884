/// Why an exchange ended, for the access log.
enum ExchangeEnd: UInt8 {
    /// Both messages are whole.
    case complete
    /// The answer was ours.
    case answered
    case downstreamClosed
    case downstreamTimedOut
    /// The endpoint failed after its response had begun.
    case upstreamClosed, upstreamTimedOut, upstreamMalformed
    /// A drain cut the stream, or the end of the program.
    case drained

    var name: StaticString {
        switch self {
        case .complete: "complete"
        case .answered: "answered"
        case .downstreamClosed: "downstream_closed"
        case .downstreamTimedOut: "downstream_timeout"
        case .upstreamClosed: "upstream_closed"
        case .upstreamTimedOut: "upstream_timeout"
        case .upstreamMalformed: "upstream_malformed"
        case .drained: "drained"
        }
    }

    init(_ cause: UpstreamFailure.Cause) {
        self =
            switch cause {
            case .responseTimeout, .connectTimeout: .upstreamTimedOut
            case .malformedResponse: .upstreamMalformed
            default: .upstreamClosed
            }
    }
}
