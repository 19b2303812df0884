import Admin

/// One simulated rollout, watched by three judges that see the same requests.
struct Rollout {
    /// How a judge ended, and how many requests the canary had had by then.
    struct Ending: Equatable {
        enum Word { case caught, passed, undecided }

        var word = Word.undecided
        var requests = 0
        /// It said pass before it said fail.
        var passedBefore = false
    }

    /// Requests after which the seed's script looks, once.
    static let scriptSample = 50
    /// The range of its queries, and when it looks at the error rate after the promotion.
    static let scriptRange = 120
    static let watchPause = 30
    /// Requests below which a plain threshold has nothing to say.
    static let plainMinimum = 100
    static let plainWindow = 60

    private(set) var judge = Ending()
    private(set) var script = Ending()
    private(set) var plain = Ending()

    init(_ scenario: Scenario, seconds: Int, seed: UInt64) {
        var stream = Stream(scenario, seed: seed)
        var trial = JudgeTrial(p95Ratio: scenario.p95Ratio)
        var recent = Recent()
        var requests = 0
        for second in 1...seconds {
            let step = stream.next()
            requests += step.requests[0].count
            recent.add(step)
            if judge.word != .caught { look(step, &trial, second, requests) }
            if script.word != .caught { lookByScript(recent, second, requests) }
            if plain.word != .caught { lookPlainly(recent, requests) }
            if !scenario.isGood, [judge, script, plain].allSatisfy({ $0.word == .caught }) {
                break
            }
        }
    }

    private mutating func look(
        _ step: Second,
        _ trial: inout JudgeTrial,
        _ second: Int,
        _ requests: Int
    ) {
        for (slot, list) in step.requests.enumerated() {
            for request in list {
                trial.attempt(slot: slot, fails: request.fails, seconds: request.seconds)
            }
        }
        switch trial.verdict(after: second).state {
        case .fail: judge.note(.caught, requests)
        case .pass: judge.note(.passed, requests)
        case .inconclusive: break
        }
    }

    /// The script as it was meant: one look at a small sample, then error rates every 30 s.
    private mutating func lookByScript(_ recent: Recent, _ second: Int, _ requests: Int) {
        guard requests >= Self.scriptSample else { return }
        if script.word == .undecided {
            let canary = recent.figures(0, last: Self.scriptRange)
            let stable = recent.figures(1, last: Self.scriptRange)
            script.note(PointRule.isBad(canary, stable) ? .caught : .passed, requests)
        } else if second % Self.watchPause == 0 {
            let canary = recent.figures(0, last: Self.scriptRange)
            if canary.errorRate > 0.05 { script.note(.caught, requests) }
        }
    }

    /// A threshold on a point value, looked at every second.
    private mutating func lookPlainly(_ recent: Recent, _ requests: Int) {
        guard requests >= Self.plainMinimum else { return }
        let canary = recent.figures(0, last: Self.plainWindow)
        let stable = recent.figures(1, last: Self.plainWindow)
        plain.note(PointRule.isBadWithFloor(canary, stable) ? .caught : .passed, requests)
    }
}

extension Rollout.Ending {
    mutating func note(_ word: Word, _ requests: Int) {
        switch (self.word, word) {
        case (.undecided, _):
            self.word = word
            self.requests = requests
        case (.passed, .caught):
            passedBefore = true
            self.word = .caught
            self.requests = requests
        case (_, _): break
        }
    }
}
