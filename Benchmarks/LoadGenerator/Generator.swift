import BenchmarkSockets
import CLinux
import Glibc

/// Sends requests over a fixed number of connections and measures the answers, in one thread.
///
/// With a fixed rate, a request's latency counts from the time it was due, even when no connection
/// was free then: a slow answer delays no measurement (no coordinated omission).
struct Generator: ~Copyable {
    /// Failures after which the run is given up.
    private static let failureLimit = 1_000
    /// Time given to answers that are missing when the window of a fixed rate has ended.
    private static let graceNanoseconds: UInt64 = 2_000_000_000
    /// Longest wait for events, so that the window's borders are kept.
    private static let waitLimit = Duration.milliseconds(5)

    private let plan: Plan
    private let stream: RequestStream
    private let buffer = ReadBuffer()
    private var poller = Poller()
    private var connections: [LoadConnection?] = []
    /// Descriptors of connections without a request, in the order they became so (fixed rate).
    private var idle = FirstInFirstOut<Int32>()
    private var opened = 0
    private var issued = 0
    private var answered = 0
    private var measurement: Measurement
    private var schedule: Schedule?

    init(plan: Plan) {
        self.plan = plan
        measurement = Measurement(watched: plan.watched)
        var copies = 1
        if case .closed(let depth) = plan.pace { copies = depth }
        stream = RequestStream(request: plan.request, copies: copies)
    }

    /// Runs the plan and returns what was measured.
    mutating func run() -> Measurement {
        let start = monotonicNanoseconds()
        let windowStart = start + UInt64(plan.warmUpSeconds * 1e9)
        let windowEnd = windowStart + UInt64(plan.seconds * 1e9)
        if case .fixed(let rate) = plan.pace { schedule = Schedule(start: start, rate: rate) }
        if plan.warmUpSeconds == 0 { measurement.begin(at: start) }
        for _ in 0..<plan.connections { open() }

        var hasBegun = plan.warmUpSeconds == 0
        while true {
            takeEvents()
            let now = monotonicNanoseconds()
            if !hasBegun, now >= windowStart {
                measurement.begin(at: now)
                hasBegun = true
            }
            sendDue(until: min(now, windowEnd))
            let isOver = plan.requestLimit.map { answered >= $0 } ?? (now >= windowEnd)
            if isOver {
                measurement.end(at: now)
                break
            }
        }
        if schedule != nil { waitForMissingAnswers(until: windowEnd + Self.graceNanoseconds) }
        return measurement
    }

    private mutating func waitForMissingAnswers(until limit: UInt64) {
        while Int(measurement.latencies.total) + measurement.failed < measurement.scheduled,
            monotonicNanoseconds() < limit
        {
            takeEvents()
            sendDue(until: 0)
        }
        measurement.failed = measurement.scheduled - Int(measurement.latencies.total)
        if measurement.failed > 0, measurement.reason == nil {
            measurement.reason = "no answer within the time of grace"
        }
    }

    private mutating func takeEvents() {
        for index in 0..<poller.wait(atMost: timeUntilDue) {
            let event = poller.event(at: index)
            guard let connection = connections[Int(event.descriptor)] else { continue }
            if event.isWritable, !connection.flush() {
                replace(connection, reason: "the connection was refused or reset")
                continue
            }
            if event.isReadable { read(connection, untilClosed: event.isClosing) }
        }
    }

    /// Time until the next request is due, if that is soon.
    private var timeUntilDue: Duration {
        guard let schedule, !idle.isEmpty else { return Self.waitLimit }
        let now = monotonicNanoseconds()
        guard schedule.nextDue > now else { return .zero }
        return min(Self.waitLimit, .nanoseconds(Int64(schedule.nextDue - now)))
    }

    // MARK: Connections

    private mutating func open() {
        let source = UInt8(1 + opened % plan.sources)
        opened += 1
        guard let connection = LoadConnection(port: plan.port, source: source, stream: stream)
        else { return noteFailure("no free port to connect from") }
        let place = Int(connection.descriptor)
        if place >= connections.count {
            connections += Array(repeating: nil, count: place + 1 - connections.count)
        }
        connections[place] = connection
        poller.add(connection.descriptor)
        offer(connection)
    }

    /// Puts a connection that owes fewer answers than it may to use.
    private mutating func offer(_ connection: LoadConnection) {
        switch plan.pace {
        case .hold: return
        case .fixed: idle.append(connection.descriptor)
        case .closed(let depth):
            let now = monotonicNanoseconds()
            while connection.due.count < depth, mayIssue { issue(on: connection, dueAt: now) }
            if !connection.flush() { replace(connection, reason: "the connection was reset") }
        }
    }

    private var mayIssue: Bool { plan.requestLimit.map { issued < $0 } ?? true }

    private mutating func issue(on connection: LoadConnection, dueAt time: UInt64) {
        issued += 1
        connection.add(dueAt: time)
    }

    /// Sends on idle connections what was due before `time`, and what could not be sent then.
    private mutating func sendDue(until time: UInt64) {
        guard schedule != nil else { return }
        while let due = schedule?.nextDue, due < time {
            schedule?.advance()
            if measurement.contains(due) { measurement.scheduled += 1 }
            schedule?.waiting.append(due)
        }
        while let due = schedule?.waiting.first, let descriptor = idle.popFirst() {
            // The descriptor of a connection that was closed may stand in the queue twice.
            guard let connection = connections[Int(descriptor)], connection.due.isEmpty else {
                continue
            }
            schedule?.waiting.popFirst()
            issue(on: connection, dueAt: due)
            if !connection.flush() { replace(connection, reason: "the connection was reset") }
        }
    }

    private mutating func read(_ connection: LoadConnection, untilClosed: Bool) {
        let received = connection.receivedBytes
        let reading = connection.read(into: buffer, untilClosed: untilClosed)
        if measurement.isOpen { measurement.receivedBytes += connection.receivedBytes - received }
        switch reading {
        case .open(let ended):
            note(ended, of: connection)
            if ended > 0, !plan.closes { offer(connection) }
        case .closed(let ended):
            note(ended, of: connection)
            connections[Int(connection.descriptor)] = nil
            open()
        case .failed(let reason): replace(connection, reason: reason)
        }
    }

    private mutating func note(_ ended: Int, of connection: LoadConnection) {
        guard ended > 0 else { return }
        answered += ended
        let now = monotonicNanoseconds()
        for _ in 0..<ended {
            let due = connection.takeDue()
            let isMeasured = measurement.contains(schedule == nil ? now : due)
            if isMeasured { measurement.latencies.add(now - due) }
        }
    }

    /// Gives a broken connection up, with what it owed, and opens another.
    private mutating func replace(_ connection: LoadConnection, reason: String) {
        for _ in 0..<max(1, connection.due.count) { noteFailure(reason) }
        answered += connection.due.count
        connections[Int(connection.descriptor)] = nil
        open()
    }

    private mutating func noteFailure(_ reason: String) {
        measurement.failed += 1
        if measurement.reason == nil { measurement.reason = reason }
        if measurement.failed > Self.failureLimit {
            fail("gave up after \(measurement.failed) failures; the first: \(reason)")
        }
    }
}
