/// The times at which requests are due at a fixed rate, and those that wait for a connection.
struct Schedule {
    private let start: UInt64
    private let intervalNanoseconds: Double
    private var count: UInt64 = 0
    /// Due times of requests that found no idle connection, oldest first.
    var waiting = FirstInFirstOut<UInt64>()

    init(start: UInt64, rate: Double) {
        self.start = start
        intervalNanoseconds = 1e9 / rate
    }

    /// When the first request that was not taken yet is due.
    var nextDue: UInt64 { start + UInt64(Double(count) * intervalNanoseconds) }

    mutating func advance() { count += 1 }
}

/// A queue that takes from its front in constant time.
struct FirstInFirstOut<Element> {
    private var elements: [Element] = []
    private var taken = 0

    var isEmpty: Bool { taken == elements.count }
    var first: Element? { isEmpty ? nil : elements[taken] }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard let element = first else { return nil }
        taken += 1
        // The front is given back once it is half of the array, so each element moves once.
        if taken * 2 >= elements.count {
            elements.removeFirst(taken)
            taken = 0
        }
        return element
    }
}
