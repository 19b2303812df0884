extension Worker {
    /// Tells the control side that the loop turns, and what runs on a slot when it has asked.
    ///
    /// It costs a walk over the connections, between two events; nobody waits for a lock.
    func answerQuestion() {
        link.givePulse()
        guard let slot = link.takeQuestion() else { return }
        link.answer(ExchangeListing(bench.downstreams.compactMap { $0.running(on: slot) }))
        confirmations.signal()
    }
}
