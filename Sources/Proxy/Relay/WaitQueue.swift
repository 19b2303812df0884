/// Exchanges of one lane that wait for a connection in one worker, the longest waiting first.
///
/// The list runs through the exchanges themselves, so that waiting allocates nothing. Who waits is
/// owned by its downstream connection, and leaves the list before it ends.
@safe final class WaitQueue {
    let slot: SlotID
    let service: String
    /// How many may wait.
    var limit = 0
    var timeout = Nanoseconds(0)
    private(set) var count = 0
    /// It stands in the worker's list of those to serve at the end of the turn.
    var isNoted = false
    private var head: Unmanaged<Exchange>?
    private var tail: Unmanaged<Exchange>?

    init(slot: SlotID, service: String) {
        self.slot = slot
        self.service = service
    }

    var isEmpty: Bool { count == 0 }

    var first: Exchange? { unsafe head?.takeUnretainedValue() }

    func append(_ exchange: Exchange) {
        exchange.links.previous = unsafe tail?.takeUnretainedValue()
        exchange.links.next = nil
        if let last = exchange.links.previous {
            last.links.next = exchange
        } else {
            unsafe head = .passUnretained(exchange)
        }
        unsafe tail = .passUnretained(exchange)
        count += 1
    }

    func remove(_ exchange: Exchange) {
        let (previous, next) = (exchange.links.previous, exchange.links.next)
        if let previous {
            previous.links.next = next
        } else {
            unsafe head = next.map { unsafe .passUnretained($0) }
        }
        if let next {
            next.links.previous = previous
        } else {
            unsafe tail = previous.map { unsafe .passUnretained($0) }
        }
        exchange.links = WaitLinks()
        count -= 1
    }
}

/// An exchange's place in a queue: its neighbours, which are not owned.
@safe struct WaitLinks {
    private var before: Unmanaged<Exchange>?
    private var behind: Unmanaged<Exchange>?

    var previous: Exchange? {
        get { unsafe before?.takeUnretainedValue() }
        set { unsafe before = newValue.map { unsafe .passUnretained($0) } }
    }

    var next: Exchange? {
        get { unsafe behind?.takeUnretainedValue() }
        set { unsafe behind = newValue.map { unsafe .passUnretained($0) } }
    }
}

extension Workbench {
    /// Has `queue` served at the end of the turn: a connection may have become free.
    func serveLater(_ queue: WaitQueue) {
        guard !queue.isEmpty, !queue.isNoted else { return }
        queue.isNoted = true
        queuesToServe.append(queue)
    }

    var hasQueuesToServe: Bool { !queuesToServe.isEmpty }

    func serveQueues() {
        guard hasQueuesToServe else { return }
        let queues = queuesToServe
        queuesToServe.removeAll(keepingCapacity: true)
        for queue in queues {
            queue.isNoted = false
            serve(queue)
        }
    }

    /// Lets go who can get on; who comes to the queue meanwhile has its turn next time.
    private func serve(_ queue: WaitQueue) {
        for _ in 0..<queue.count {
            guard let exchange = queue.first, exchange.mayLeaveQueue else { return }
            let downstream = exchange.downstream
            exchange.leaveQueueAndAttempt()
            downstream.settle()
        }
        serveLater(queue)
    }
}
