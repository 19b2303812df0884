import Proxy

/// What a rollout makes of a verdict.
extension Verdict {
    /// Checks that the history keeps of a verdict: those that say why, not all that passed.
    private static let keptChecks = 8
    /// Checks that a sentence names.
    private static let namedChecks = 3

    /// The verdict with further checks.
    func adding(_ more: [Check]) -> Verdict {
        more.isEmpty ? self : replacing(checks + more)
    }

    /// The verdict where there is nothing to compare with, since the plan wants no control group.
    var withoutComparison: Verdict { replacing(checks.filter { !$0.name.hasSuffix("_ratio") }) }

    private func replacing(_ checks: [Check]) -> Verdict {
        var verdict = self
        verdict.checks = checks
        verdict.state =
            if checks.contains(where: { $0.state == .fail }) {
                .fail
            } else if checks.isEmpty || checks.contains(where: { $0.state == .inconclusive }) {
                .inconclusive
            } else {
                .pass
            }
        verdict.requestsNeeded = checks.compactMap(\.requestsNeeded).max()
        return verdict
    }

    /// Why it is what it is.
    var sentence: String {
        // Those that requests will not decide come first.
        let equal = checks.filter { $0.state == state }
        let deciding =
            (equal.filter { $0.requestsNeeded == nil }
            + equal.filter { $0.requestsNeeded != nil }).prefix(Self.namedChecks)
        let reasons = deciding.map(\.sentence).joined(separator: "; ")
        switch state {
        case .pass: return "passed, \(sampleSize) requests"
        case .fail: return reasons
        case .inconclusive:
            guard let requestsNeeded else { return reasons.isEmpty ? "nothing to judge" : reasons }
            let time = secondsNeeded.map { ", about \(Int($0.rounded(.up))) s" } ?? ""
            // What no number of requests will decide must not be hidden behind a number.
            let others = deciding.filter { $0.requestsNeeded == nil }.map { "; \($0.sentence)" }
            return "\(requestsNeeded) more requests needed\(time)\(others.joined())"
        }
    }

    /// The figures that the history keeps; `undecidedAt` is when they did not suffice yet.
    func figures(undecidedAt: Timestamp?) -> String {
        let order: [State] = [.fail, .inconclusive, .pass]
        let chosen = order.flatMap { state in checks.filter { $0.state == state } }
            .prefix(Self.keptChecks)
        let json: JSON = [
            "verdict": .string(state.rawValue), "sample_size": JSON(sampleSize),
            "undecided_at": JSON(undecidedAt?.description),
            "checks": .array(chosen.map(\.json)),
        ]
        return json.line
    }
}

extension Verdict.Check {
    fileprivate var sentence: String {
        let place = [service, route].compactMap(\.self).joined(separator: " ")
        return "\(name)\(place.isEmpty ? "" : " of \(place)"): \(reason)"
    }
}
