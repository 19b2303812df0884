/// The upper bounds of a latency histogram, in nanoseconds, rising.
struct HistogramBounds: Sendable, Equatable {
    /// Most bounds that a configuration may have.
    static let limit = 32

    let bounds: [Int64]

    init(seconds: [Double]) {
        precondition(seconds.count <= Self.limit, "a checked config has at most this many")
        bounds = seconds.map { Int64($0 * 1e9) }
    }

    /// The bucket of a value: the first whose bound is not below it (`le` of Prometheus), or one
    /// past the last.
    func bucket(of value: Nanoseconds) -> Int {
        var index = 0
        while index < bounds.count, value.count > bounds[index] { index += 1 }
        return index
    }
}
