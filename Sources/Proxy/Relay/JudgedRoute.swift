/// One route in one slot as the judge sees it: who it is, and what each worker counted.
///
/// It lives as long as some snapshot names it, for exchanges count in it.
package final class JudgedRoute: Sendable {
    package struct Identity: Hashable, Sendable {
        package let slot: SlotID
        package let service: String
        package let route: String

        package init(slot: SlotID, service: String, route: String) {
            self.slot = slot
            self.service = service
            self.route = route
        }
    }

    package let identity: Identity
    /// By worker.
    let counters: [AttemptCounters]

    init(_ identity: Identity, workers: Int) {
        self.identity = identity
        counters = (0..<workers).map { _ in AttemptCounters() }
    }

    deinit { for worker in counters { worker.deallocate() } }

    /// What all workers have counted so far.
    package var totals: AttemptTotals {
        var totals = AttemptTotals()
        for worker in counters { worker.add(to: &totals) }
        return totals
    }
}
