/// What one worker counts of one lane: a service in a slot, or the requests that reached none.
struct LaneCounters: Sendable {
    /// Status codes that are counted: `100...599`.
    static let statusCount = 500
    static let methodCount = Method.allCases.count

    /// Most buckets that a configuration may have.
    static let boundLimit = 32

    private enum Cell {
        static let inFlight = 0
        static let requestBytes = 1
        static let responseBytes = 2
        static let split = 3
        static let tunnels = 4
        static let durationSum = 5
        static let connectSum = 6
        static let unserved = 7
        static let lastResort = 8
        static let waiting = 9
        static let queueFull = 10
        static let queueTimeout = 11
        static let ruled = 12
        static let retries = 13
        static let retriesRefused = 14
        static let rescued = 15
        /// Upper bounds of both histograms, in nanoseconds, rising; written once.
        static let bounds = rescued + RescueReason.allCases.count
        static let durations = bounds + boundLimit
        static let connects = durations + boundLimit + 1
        static let requests = connects + boundLimit + 1
        static let count = requests + methodCount * statusCount
    }

    private let boundCount: Int
    private let cells = CounterBlock(count: Cell.count)
    private let exemplars = ExemplarBlock(buckets: boundLimit + 1)

    init(boundsSeconds: [Double]) {
        precondition(
            boundsSeconds.count <= Self.boundLimit,
            "a checked config has at most this many"
        )
        boundCount = boundsSeconds.count
        for (index, seconds) in boundsSeconds.enumerated() {
            cells.add(Cell.bounds + index, UInt64((seconds * 1e9).rounded()))
        }
    }

    // MARK: By the worker

    func began() { cells.add(Cell.inFlight) }

    func wasSplit() { cells.add(Cell.split) }

    func wasRuled() { cells.add(Cell.ruled) }

    /// The exchange goes on in the other slot.
    func leftForOtherSlot() { cells.subtract(Cell.inFlight) }

    /// This slot has answered what the other one could not.
    func rescued(_ reason: RescueReason) { cells.add(Cell.rescued + Int(reason.rawValue)) }

    /// Counts an exchange that has ended.
    func ended(
        method: Method,
        status: UInt16,
        duration: Nanoseconds,
        requestBytes: UInt64,
        responseBytes: UInt64
    ) {
        cells.subtract(Cell.inFlight)
        let row = Int(method.rawValue) * Self.statusCount
        let column = min(max(Int(status), 100), 599) - 100
        cells.add(Cell.requests + row + column)
        cells.add(Cell.durations + bucket(of: duration))
        cells.add(Cell.durationSum, UInt64(max(0, duration.count)))
        cells.add(Cell.requestBytes, requestBytes)
        cells.add(Cell.responseBytes, responseBytes)
    }

    /// Remembers a request with a trace as one of its bucket.
    func note(_ trace: TraceParent, duration: Nanoseconds) {
        exemplars.note(
            bucket(of: duration),
            trace: trace,
            duration: duration,
            wallClock: wallClockNanoseconds()
        )
    }

    func connected(after duration: Nanoseconds) {
        cells.add(Cell.connects + bucket(of: duration))
        cells.add(Cell.connectSum, UInt64(max(0, duration.count)))
    }

    /// The first bucket whose bound is not below the value (`le` of Prometheus), or one past all.
    private func bucket(of value: Nanoseconds) -> Int {
        var index = 0
        while index < boundCount, UInt64(max(0, value.count)) > cells[Cell.bounds + index] {
            index += 1
        }
        return index
    }

    func tunnelOpened() { cells.add(Cell.tunnels) }
    func tunnelClosed() { cells.subtract(Cell.tunnels) }

    /// None of the endpoints could be tried.
    func foundNoEndpoint() { cells.add(Cell.unserved) }
    /// An endpoint was tried that is ejected or not healthy, for want of another.
    func tookLastResort() { cells.add(Cell.lastResort) }
    func beganWaiting() { cells.add(Cell.waiting) }
    func endedWaiting() { cells.subtract(Cell.waiting) }
    func queueWasFull() { cells.add(Cell.queueFull) }
    func queueTimedOut() { cells.add(Cell.queueTimeout) }

    /// A failed attempt is followed by another one in the same slot.
    func retried() { cells.add(Cell.retries) }
    /// It would have been, but for the budget.
    func retryRefused() { cells.add(Cell.retriesRefused) }

    // MARK: By readers

    /// Adds what is here to `lane`.
    func add(to lane: inout Statistics.Lane) {
        let buckets = boundCount + 1
        if lane.durationBuckets.isEmpty {
            lane.durationBuckets = Array(repeating: 0, count: buckets)
            lane.connectBuckets = lane.durationBuckets
            lane.exemplars = Array(repeating: nil, count: buckets)
        }
        for bucket in 0..<buckets {
            lane.durationBuckets[bucket] += cells[Cell.durations + bucket]
            lane.connectBuckets[bucket] += cells[Cell.connects + bucket]
            if let newest = exemplars[bucket], newest.time > lane.exemplars[bucket]?.time ?? 0 {
                lane.exemplars[bucket] = newest
            }
        }
        lane.durationSumSeconds += Double(cells[Cell.durationSum]) / 1e9
        lane.connectSumSeconds += Double(cells[Cell.connectSum]) / 1e9
        lane.inFlight += Int(cells[Cell.inFlight])
        lane.requestBytes += cells[Cell.requestBytes]
        lane.responseBytes += cells[Cell.responseBytes]
        lane.split += cells[Cell.split]
        lane.ruled += cells[Cell.ruled]
        lane.tunnels += Int(cells[Cell.tunnels])
        lane.unserved += cells[Cell.unserved]
        lane.lastResort += cells[Cell.lastResort]
        lane.waiting += Int(cells[Cell.waiting])
        lane.queueFull += cells[Cell.queueFull]
        lane.queueTimeouts += cells[Cell.queueTimeout]
        lane.retries += cells[Cell.retries]
        lane.retriesRefused += cells[Cell.retriesRefused]
        addRequests(to: &lane)
        for reason in RescueReason.allCases {
            let count = cells[Cell.rescued + Int(reason.rawValue)]
            if count > 0 { lane.rescued["\(reason.name)", default: 0] += count }
        }
    }

    private func addRequests(to lane: inout Statistics.Lane) {
        for method in Method.allCases {
            let row = Cell.requests + Int(method.rawValue) * Self.statusCount
            for column in 0..<Self.statusCount {
                let count = cells[row + column]
                guard count > 0 else { continue }
                lane.count("\(method.name)", status: column + 100, count)
            }
        }
    }
}

extension Statistics.Lane {
    mutating func count(_ method: String, status: Int, _ count: UInt64) {
        let place = requests.firstIndex { $0.method == method && $0.status == status }
        if let place {
            requests[place].count += count
        } else {
            requests.append(Requests(method: method, status: status, count: count))
        }
    }
}
