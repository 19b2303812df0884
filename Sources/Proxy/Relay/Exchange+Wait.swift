extension Exchange {
    /// Waits for a connection to an endpoint; fails when too many wait already.
    func wait(in queue: WaitQueue) {
        guard queue.count < queue.limit else {
            counters.queueWasFull()
            return foundNoRoom(
                "All connections to the service are in use, and its queue is full."
            )
        }
        phase = .waiting
        counters.beganWaiting()
        queue.append(self)
        downstream.expect(.connection, within: queue.timeout)
    }

    /// A connection may be had, or none is worth waiting for.
    var mayLeaveQueue: Bool {
        guard let lane else { return true }
        return lending(routing.lanes[lane]) { $0.hasRoom || !$0.isInService }
    }

    /// Its turn has come.
    func leaveQueueAndAttempt() {
        let routing = routing
        leaveQueue()
        phase = .connecting
        downstream.expectNothing()
        parseAgain(routing)
        attempt(routing, isNext: true)
    }

    /// Waiting is over, for whatever reason.
    func leaveQueue() {
        guard let lane, let queue = routing.lanes[lane].queue else { return }
        counters.endedWaiting()
        queue.remove(self)
    }

    func waitedTooLong() {
        leaveQueue()
        phase = .connecting
        downstream.expectNothing()
        counters.queueTimedOut()
        foundNoRoom("No connection to the service became free in time.")
    }

    /// Nothing was sent, and yet the slot has failed the request: it had no room for it.
    private func foundNoRoom(_ reason: StaticString) {
        evidence?.ended(.connectFailure)
        if hasOtherAnswers, isAnsweredOtherwise(withoutAttempt: routing, .queue) { return }
        answer(503, reason)
    }

    /// A connection of this exchange's lane is free, or gone.
    func noteFreeConnection() {
        let present = bench.routing
        // An old lane shares its endpoints with one of the present, which may have a queue anew.
        guard let lane, present !== routing else { return present.noteFreeConnection(lane, bench) }
        present.noteFreeConnection(nil, bench)
        if let queue = routing.lanes[lane].queue { bench.serveLater(queue) }
    }
}

extension WorkerRouting {
    /// Has the queue of one lane served, or those of all.
    fileprivate func noteFreeConnection(_ lane: Int?, _ bench: Workbench) {
        for place in lanes.indices where place == lane ?? place {
            if let queue = lanes[place].queue { bench.serveLater(queue) }
        }
    }
}
