import Proxy

/// The judge by itself, on requests that were made up and by a clock that is an argument: what the
/// simulation drives is what judges a slot, from the seconds' steps to the verdict.
package struct JudgeTrial {
    private let config: Config
    private var windows: JudgeWindows
    private var ring = EvidenceRing()
    private var totals = EvidenceTotals()

    /// Judges slot 0 of one service, from time 0 on, with the defaults but for the ratio.
    package init(p95Ratio: Double) {
        var check = Config.HealthCheck()
        check.probe = .none
        var config = Config(
            listeners: [],
            services: [Config.Service(name: Self.service, healthCheck: check)],
            slots: ["canary", "stable"].map { Config.Slot(name: $0, endpoints: [[]]) },
            activeSlot: SlotID(1)
        )
        config.judge.thresholds.p95Ratio = p95Ratio
        let route = Config.Route(service: 0)
        config.listeners = [
            Config.Listener(address: "", bind: .loopback(port: 0), routes: [route])
        ]
        self.config = config
        windows = JudgeWindows(
            start: MonotonicTime(nanoseconds: 0),
            length: Nanoseconds(config.judge.window)
        )
        for slot in SlotID.both { totals.routes[Self.name(slot)] = AttemptTotals() }
        ring.note(totals, at: windows.start, beginningStep: true)
    }

    private static let service = "app"

    private static func name(_ slot: SlotID) -> JudgedRoute.Identity {
        JudgedRoute.Identity(slot: slot, service: service, route: "*")
    }

    /// One attempt at `slot`, 0 for the one that is judged.
    package mutating func attempt(slot: Int, fails: Bool, seconds: Double) {
        let name = Self.name(SlotID(slot))
        if fails {
            totals.routes[name]?.failures += 1
        } else {
            let time = Nanoseconds(Int64(seconds * 1e9))
            totals.routes[name]?.successes += 1
            totals.routes[name]?.times[LatencyScale.bucket(of: time)] += 1
        }
    }

    /// Judges by nothing that came before so many whole seconds after the start.
    package mutating func begin(after seconds: Int) {
        windows = JudgeWindows(start: Self.time(seconds), length: windows.length)
    }

    private static func time(_ seconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000)
    }

    /// The verdict so many whole seconds after the start.
    package mutating func verdict(after seconds: Int) -> Verdict {
        let now = Self.time(seconds)
        ring.note(totals, at: now, beginningStep: true)
        return Judge(config: config, slot: SlotID(0)).verdict(
            ring,
            windows.windows(at: now),
            at: now
        )
    }
}
