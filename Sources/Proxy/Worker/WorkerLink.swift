import Synchronization

/// All that a worker and the rest of the program share: orders one way, confirmations the other.
@safe final class WorkerLink: Sendable {
    enum Order: UInt8 {
        /// Hold back: connections wait in the listen queue.
        case wait
        case serve
        /// Accept nothing, let exchanges end, then stop.
        case drain
        /// As drain, but another process has the listening sockets.
        case handOver
        /// Close everything and stop.
        case stop

        /// Whether the worker ends with its last connection.
        var isLast: Bool { self == .drain || self == .handOver }
    }

    private let snapshot: Atomic<Unmanaged<RoutingSnapshot>>
    private let order = Atomic<UInt8>(Order.wait.rawValue)
    private let confirmed = Atomic<UInt64>(0)
    /// The slot whose exchanges are to be listed, by index from 1; 0 for none.
    private let question = Atomic<UInt8>(0)
    private let listing = unsafe Atomic<Unmanaged<ExchangeListing>?>(nil)
    /// Signs of life that were asked for, and given.
    private let pulseAsked = Atomic<UInt64>(0)
    private let pulseGiven = Atomic<UInt64>(0)
    let wakeUp: WakeUp

    init(_ first: RoutingSnapshot) throws(SystemError) {
        unsafe snapshot = Atomic(Unmanaged.passUnretained(first))
        wakeUp = try WakeUp()
    }

    // MARK: By the control side

    /// Hands over the next snapshot, which the caller keeps alive until it is confirmed.
    func publish(_ next: RoutingSnapshot) {
        unsafe snapshot.store(Unmanaged.passUnretained(next), ordering: .releasing)
        wakeUp.signal()
    }

    func send(_ next: Order) {
        order.store(next.rawValue, ordering: .releasing)
        wakeUp.signal()
    }

    /// Asks for a sign of life; returns its number, which `pulse` reaches when the loop turns.
    func askForPulse() -> UInt64 {
        let number = pulseAsked.add(1, ordering: .acquiringAndReleasing).newValue
        wakeUp.signal()
        return number
    }

    var pulse: UInt64 { pulseGiven.load(ordering: .acquiring) }

    /// Asks what runs on `slot`; the worker signals when `takeListing` has the answer.
    func ask(about slot: SlotID) {
        question.store(UInt8(slot.index) + 1, ordering: .releasing)
        wakeUp.signal()
    }

    var hasListing: Bool { unsafe listing.load(ordering: .acquiring) != nil }

    func takeListing() -> ExchangeListing? {
        unsafe listing.exchange(nil, ordering: .acquiringAndReleasing)?.takeRetainedValue()
    }

    /// The version of the newest snapshot that all later requests of this worker follow.
    var confirmedVersion: UInt64 { confirmed.load(ordering: .acquiring) }

    // MARK: By the worker

    /// The newest snapshot, when it is not the one in use.
    func newer(than current: RoutingSnapshot) -> RoutingSnapshot? {
        let newest = unsafe snapshot.load(ordering: .acquiring)
        guard unsafe newest.toOpaque() != Unmanaged.passUnretained(current).toOpaque() else {
            return nil
        }
        return unsafe newest.takeUnretainedValue()
    }

    var currentOrder: Order { Order(rawValue: order.load(ordering: .acquiring)) ?? .stop }

    func confirm(_ version: UInt64) { confirmed.store(version, ordering: .releasing) }

    func givePulse() {
        pulseGiven.store(pulseAsked.load(ordering: .acquiring), ordering: .releasing)
    }

    /// The slot that the control side asks about, once per question.
    func takeQuestion() -> SlotID? {
        let number = question.exchange(0, ordering: .acquiringAndReleasing)
        return number == 0 ? nil : SlotID(Int(number) - 1)
    }

    func answer(_ answer: ExchangeListing) {
        let old = unsafe listing.exchange(
            Unmanaged.passRetained(answer),
            ordering: .acquiringAndReleasing
        )
        unsafe old?.release()
    }
}
