/// What an exchange may still do when its slot cannot answer: try the other one, once.
struct Recourse: OptionSet {
    let rawValue: UInt8

    /// A failure of the canary is made good by the active slot.
    static let safetyNet = Recourse(rawValue: 1 << 0)
    /// A 404 is looked for in the other slot.
    static let assets = Recourse(rawValue: 1 << 1)
}

extension RescueReason {
    init(_ cause: UpstreamFailure.Cause) {
        switch cause {
        case .connectFailure: self = .connectFailure
        case .connectTimeout: self = .connectTimeout
        case .responseTimeout: self = .responseTimeout
        case .closed: self = .closed
        case .malformedResponse: self = .malformedResponse
        }
    }

    /// Whether the other slot has made it good with a response of this status.
    func isSuccess(_ status: UInt16) -> Bool {
        status < 500 && !(self == .notFound && status == 404)
    }
}
