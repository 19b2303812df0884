import Proxy

extension Verdict {
    var json: JSON {
        [
            "slot": .string(slot),
            "verdict": .string(state.rawValue),
            "sample_size": JSON(sampleSize),
            "requests_needed": requestsNeeded.map { JSON($0) } ?? .null,
            "seconds_needed": JSON(figure: secondsNeeded),
            "checks": .array(checks.map(\.json)),
        ]
    }
}

extension Verdict.Check {
    var json: JSON {
        [
            "check": .string(name),
            "service": JSON(service),
            "route": JSON(route),
            "state": .string(state.rawValue),
            "value": JSON(figure: value),
            "sample_size": JSON(sampleSize),
            "lower_bound": JSON(figure: lowerBound),
            "upper_bound": JSON(figure: upperBound),
            "threshold": JSON(figure: threshold),
            "requests_needed": requestsNeeded.map { JSON($0) } ?? .null,
            "reason": .string(reason),
        ]
    }
}

extension JSON {
    /// A figure to six digits behind the point; null for none and for what JSON cannot write.
    fileprivate init(figure: Double?) {
        guard let figure, figure.isFinite else {
            self = .null
            return
        }
        self = .number((figure * 1e6).rounded() / 1e6)
    }
}
