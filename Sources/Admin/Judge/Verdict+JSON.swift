import Proxy

extension Verdict {
    var json: JSON {
        [
            "slot": .string(slot),
            "verdict": .string(state.rawValue),
            "attempts": JSON(sampleSize),
            "failed": JSON(failures),
            "abandoned": JSON(abandoned),
            "slots": .array(slots.map(\.json)),
            "window_seconds": JSON(figure: windowSeconds),
            "requests_needed": requestsNeeded.map { JSON($0) } ?? .null,
            "seconds_needed": JSON(figure: secondsNeeded),
            "checks": .array(checks.map(\.json)),
            "left_out": .array(leftOut.map(\.json)),
        ]
    }
}

extension Verdict.SlotFigures {
    fileprivate var json: JSON {
        [
            "slot": .string(slot),
            "attempts": [
                "count": JSON(attempts), "failed": JSON(failures), "abandoned": JSON(abandoned),
            ],
            "outcomes": [
                "answers": JSON(answers), "failed": JSON(failedAnswers), "rescued": JSON(rescued),
            ],
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
            "other_slot": baseline?.json ?? .null,
            "requests_needed": requestsNeeded.map { JSON($0) } ?? .null,
            "seconds_needed": JSON(figure: secondsNeeded),
            "reason": .string(reason),
        ]
    }
}

extension Verdict.Baseline {
    fileprivate var json: JSON {
        [
            "value": JSON(figure: value), "sample_size": JSON(sampleSize),
            "lower_bound": JSON(figure: lowerBound), "upper_bound": JSON(figure: upperBound),
        ]
    }
}

extension Verdict.LeftOut {
    fileprivate var json: JSON {
        [
            "check": .string(name), "service": .string(service), "route": JSON(route),
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
