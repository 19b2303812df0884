import Proxy

/// What the looks at a candidate have said so far: when the last one said something else.
///
/// From then to the change of traffic is the longest time that the evidence can have waited.
struct VerdictLook {
    private var state: Verdict.State?
    private var generation: Generation?
    private var last: Timestamp?
    /// The last look before the verdict became what it is; nil at the first.
    private(set) var undecidedAt: Timestamp?

    /// There was nobody to judge yet.
    mutating func noteNobody(at now: Timestamp) { last = now }

    /// Takes what a look has said; true when that is news.
    ///
    /// In another generation the evidence is another, whatever the verdict.
    mutating func note(
        _ state: Verdict.State,
        _ generation: Generation,
        at now: Timestamp
    ) -> Bool {
        let isNews = state != self.state
        if isNews || generation != self.generation { undecidedAt = last }
        (self.state, self.generation, last) = (state, generation, now)
        return isNews
    }
}
