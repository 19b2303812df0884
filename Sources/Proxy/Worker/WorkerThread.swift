import Synchronization

/// A worker as the control side holds it: its thread, its link, its counters.
final class WorkerThread: Sendable {
    let link: WorkerLink
    let counters = ConnectionCounters()
    private let thread = ThreadBox()
    private let index: Int
    /// Handed to the thread at its start, and gone from here then.
    private let worker: Lock<WorkerBox?>
    private let sentOrder = Lock(WorkerLink.Order.wait)
    private let ended = Atomic<Bool>(false)
    private let confirmations: Confirmations

    init(
        _ index: Int,
        _ snapshot: RoutingSnapshot,
        _ confirmations: Confirmations,
        _ log: WorkerLog
    ) throws(SystemError) {
        self.index = index
        self.confirmations = confirmations
        link = try WorkerLink(snapshot)
        let worker = try Worker(
            index: index,
            snapshot: snapshot,
            link: link,
            counters: counters,
            confirmations: confirmations,
            log: log
        )
        self.worker = Lock(WorkerBox(worker))
    }

    /// The order that was sent last.
    var order: WorkerLink.Order { sentOrder.withLock { $0 } }
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func start() {
        thread.start(name: "worker-\(index)") { [self] in
            let box = worker.withLock { worker in
                defer { worker = nil }
                return worker
            }
            box?.worker.run()
            ended.store(true, ordering: .releasing)
            confirmations.signal()
        }
    }

    func send(_ order: WorkerLink.Order) {
        sentOrder.withLock { $0 = order }
        link.send(order)
    }

    func join() { thread.join() }
}

/// Carries a worker into its thread; nobody else touches it.
private final class WorkerBox: @unchecked Sendable {
    let worker: Worker

    init(_ worker: Worker) { self.worker = worker }
}
