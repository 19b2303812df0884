import BenchmarkSockets
import CLinux
import Glibc

/// Opens connections and keeps them, so that what an idle one costs can be measured.
///
/// It prints a line when all are connected, waits for a line on standard input, sends one request
/// on each, prints a line when all are answered, and keeps them until standard input ends.
struct Hold: ~Copyable {
    /// Connections that connect at the same time; fewer than any listen queue holds.
    private static let connectingLimit = 64
    /// Time within which a batch has to be done.
    private static let batchSeconds = 10.0

    private let plan: Plan
    /// Connections that wait for their answer at the same time.
    private let atOnce: Int
    private var poller = Poller()
    private let buffer = ReadBuffer()
    private var connections: [Int32: LoadConnection] = [:]
    private var order: [LoadConnection] = []

    init(plan: Plan, atOnce: Int) {
        self.plan = plan
        self.atOnce = atOnce
    }

    mutating func run() {
        let stream = RequestStream(request: plan.request, copies: 1)
        while order.count < plan.connections {
            let size = min(Self.connectingLimit, plan.connections - order.count)
            for _ in 0..<size { connect(stream) }
            wait(for: order.suffix(size)) { $0.isWritable }
        }
        say("connected")
        _ = readLine()
        for start in stride(from: 0, to: order.count, by: atOnce) {
            let batch = order[start..<min(start + atOnce, order.count)]
            for connection in batch {
                connection.add(dueAt: 0)
                guard connection.flush() else { fail("a connection was reset") }
            }
            wait(for: batch) { $0.isReadable }
        }
        say("served")
        _ = readLine()
    }

    private mutating func connect(_ stream: RequestStream) {
        let source = UInt8(1 + order.count % plan.sources)
        guard let connection = LoadConnection(port: plan.port, source: source, stream: stream)
        else { fail("no free port to connect from; give more --sources") }
        connections[connection.descriptor] = connection
        order.append(connection)
        poller.add(connection.descriptor)
    }

    /// Waits until each connection of `batch` had an event that counts and owes no answer.
    private mutating func wait(
        for batch: ArraySlice<LoadConnection>,
        _ counts: (Poller.Event) -> Bool
    ) {
        var missing = Set(batch.map(\.descriptor))
        let limit = monotonicNanoseconds() + UInt64(Self.batchSeconds * 1e9)
        while !missing.isEmpty {
            guard monotonicNanoseconds() < limit else {
                fail("\(missing.count) connections were not served within \(Self.batchSeconds) s")
            }
            for index in 0..<poller.wait(atMost: .milliseconds(100)) {
                let event = poller.event(at: index)
                guard let connection = connections[event.descriptor], counts(event) else {
                    continue
                }
                take(connection, untilClosed: event.isClosing)
                if connection.due.isEmpty { missing.remove(event.descriptor) }
            }
        }
    }

    private func take(_ connection: LoadConnection, untilClosed: Bool) {
        switch connection.read(into: buffer, untilClosed: untilClosed) {
        case .open(let ended): for _ in 0..<ended { _ = connection.takeDue() }
        case .closed: fail("an idle connection was closed")
        case .failed(let reason): fail("a connection failed: \(reason)")
        }
    }

    private func say(_ word: String) {
        print("{\"\(word)\": \(order.count)}")
        fflush(nil)
    }
}
