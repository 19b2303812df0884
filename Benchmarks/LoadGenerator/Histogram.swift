/// Counts of durations in classes that widen with the value: at most 1/128 of it, from 1 ns on.
///
/// Below 128 each value has a class of its own; above, each power of two is cut into 128.
struct Histogram {
    /// Classes per power of two, as a power of two: the error of a percentile is below 0.8 %.
    private static let precisionBits = 7
    private static let classesPerPower = 1 << precisionBits
    /// Longest duration told apart from longer ones: 2^37 ns are 137 s.
    private static let powerLimit = 37

    private var counts = [UInt64](
        repeating: 0,
        count: (powerLimit - precisionBits + 1) * classesPerPower
    )
    private(set) var total: UInt64 = 0
    private(set) var largest: UInt64 = 0

    mutating func add(_ value: UInt64) {
        counts[Self.index(of: value)] += 1
        total += 1
        largest = max(largest, value)
    }

    /// The largest value of the class that holds the value at `rank` (0...1); 0 without values.
    func value(at rank: Double) -> UInt64 {
        guard total > 0 else { return 0 }
        let wanted = max(1, UInt64((rank * Double(total)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return min(Self.upperBound(of: index), largest) }
        }
        return largest
    }

    private static func index(of value: UInt64) -> Int {
        let capped = min(value, (1 << UInt64(powerLimit)) - 1)
        guard capped >= UInt64(classesPerPower) else { return Int(capped) }
        let power = 63 - capped.leadingZeroBitCount
        let shift = power - precisionBits
        return (shift + 1) * classesPerPower + Int(capped >> UInt64(shift)) - classesPerPower
    }

    private static func upperBound(of index: Int) -> UInt64 {
        guard index >= classesPerPower else { return UInt64(index) }
        let shift = UInt64(index / classesPerPower - 1)
        return (UInt64(index % classesPerPower + classesPerPower + 1) << shift) - 1
    }
}
