/// Tells the time since a rollout's start; it stands still while the program does not run.
struct RolloutClock: Sendable {
    private let base: Duration
    private let since: ContinuousClock.Instant

    /// Stands at `elapsed` now.
    init(at elapsed: Duration = .zero, now: ContinuousClock.Instant = .now) {
        base = elapsed
        since = now
    }

    func elapsed(now: ContinuousClock.Instant = .now) -> Duration { base + (now - since) }
}
