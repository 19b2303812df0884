/// Asks the four questions of one group; each file `GroupJudge+….swift` holds one kind.
struct GroupJudge {
    let group: JudgeGroup
    /// The same group in every window that runs, the longest first.
    let views: [GroupView]
    let minRequests: Double
    let windowSeconds: Double

    var findings: [Finding] {
        [errorRate, errorRatio, latency, latencyRatio].compactMap(\.self)
    }

    /// A check before its answer.
    func check(_ name: String) -> Verdict.Check {
        var check = Verdict.Check(name: name, state: .inconclusive, reason: "")
        check.service = group.service
        check.route = group.route
        return check
    }

    func leftOut(_ name: String, _ reason: String) -> Finding {
        .leftOut(
            Verdict.LeftOut(
                name: name,
                service: group.service,
                route: group.route,
                reason: reason
            )
        )
    }

    static let noOther = "the other slot served none of these routes in the window"

    // MARK: Deciding

    /// A question that views answer: whether the group is too bad, or good enough.
    struct Question<Sample> {
        /// What a view shows of it.
        let sample: (GroupView) -> Sample
        let size: (Sample) -> Double
        /// Whether it is beyond the limit, but for a chance of the risk.
        let isBad: (Sample, _ risk: Double) -> Bool
        let isGood: (Sample, _ risk: Double) -> Bool
        /// The sample with so many times its size, in the same proportions.
        let scaled: (Sample, Double) -> Sample
    }

    /// The state, and the view that shows it: the first that is bad, else the longest.
    func decide<Sample>(_ question: Question<Sample>) -> (Verdict.State, GroupView, Sample) {
        for view in views {
            let sample = question.sample(view)
            if question.isBad(sample, view.risk) { return (.fail, view, sample) }
        }
        let sample = question.sample(views[0])
        let isEnough = question.size(sample) >= minRequests
        let isGood = isEnough && question.isGood(sample, Judge.passRisk)
        return (isGood ? .pass : .inconclusive, views[0], sample)
    }

    // MARK: Foreseeing

    /// Most requests that are worth telling somebody to wait for.
    private static let foreseenLimit = 1e8

    /// How many requests are missing if everything goes on in the same proportions; nil when the
    /// figures are so near to the limit that no number would do.
    func requestsNeeded<Sample>(_ question: Question<Sample>, _ sample: Sample) -> UInt64? {
        let size = question.size(sample)
        func decides(_ factor: Double) -> Bool {
            let grown = question.scaled(sample, factor)
            return question.isBad(grown, views[0].risk) || question.isGood(grown, Judge.passRisk)
        }
        var high = 1.0
        while !decides(high) {
            high *= 2
            guard high * max(1, size) < Self.foreseenLimit else { return nil }
        }
        var low = high == 1 ? 1 : high / 2
        while high - low > high / 64 {
            let middle = (low + high) / 2
            if decides(middle) { high = middle } else { low = middle }
        }
        // Of nothing, a question makes one good request, which `high` then multiplies.
        let missing = size == 0 ? high : size * (high - 1)
        return UInt64(max(missing, minRequests - size).rounded(.up))
    }

    /// Adds what is missing to a check that nothing decided.
    func foresee<Sample>(
        _ check: inout Verdict.Check,
        _ question: Question<Sample>,
        _ sample: Sample
    ) {
        guard check.state == .inconclusive else { return }
        check.requestsNeeded = requestsNeeded(question, sample)
        let size = question.size(sample)
        let rate = views[0].seconds > 0 ? size / views[0].seconds : 0
        guard let needed = check.requestsNeeded else {
            check.reason += "; too near to the limit for any number of requests"
            return
        }
        check.reason += "; about \(needed) more requests are needed"
        guard rate > 0 else { return }
        let seconds = Double(needed) / rate
        check.secondsNeeded = seconds
        let isBeyond = size + Double(needed) > rate * windowSeconds
        check.reason +=
            isBeyond
            ? ", more than the window holds at the present rate" : ", \(Figures.seconds(seconds))"
    }
}
