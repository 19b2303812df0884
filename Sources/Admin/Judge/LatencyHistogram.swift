import Proxy

/// Times by the buckets of `LatencyScale`; a weighted sample has fractions of counts.
struct LatencyHistogram: Equatable {
    private(set) var counts = [Double](repeating: 0, count: LatencyScale.bucketCount)
    private(set) var total = 0.0

    mutating func add(_ count: Double, at bucket: Int) {
        counts[bucket] += count
        total += count
    }

    mutating func add(_ other: LatencyHistogram, times weight: Double = 1) {
        for bucket in counts.indices { counts[bucket] += weight * other.counts[bucket] }
        total += weight * other.total
    }

    /// The time that a share of all keep; nil without any.
    func quantile(_ share: Double) -> Double? {
        guard total > 0 else { return nil }
        var sum = 0.0
        for (bucket, count) in counts.enumerated() where count > 0 {
            sum += count
            if sum >= share * total { return LatencyScale.middleSeconds(bucket) }
        }
        return nil
    }

    /// How many are above `seconds` for certain.
    func above(_ seconds: Double) -> RateSequence {
        tail { LatencyScale.lowerSeconds($0) >= seconds }
    }

    /// How many may be above `seconds`: the bucket that holds it counts too.
    func perhapsAbove(_ seconds: Double) -> RateSequence {
        tail { LatencyScale.upperSeconds($0) > seconds }
    }

    private func tail(_ includes: (Int) -> Bool) -> RateSequence {
        var hits = 0.0
        for bucket in counts.indices.reversed() {
            guard includes(bucket) else { break }
            hits += counts[bucket]
        }
        return RateSequence(hits: hits, trials: total)
    }
}

extension LatencyHistogram {
    /// The time that more than `share` of all exceed, whatever the chance of `risk`; 0 if none.
    ///
    /// Bounds of a quantile are order statistics: the time lies above `x` when the rate of times
    /// above `x` is surely more than the share. A sequence of rates makes a sequence of quantiles
    /// (Howard and Ramdas 2022).
    func lowerBound(exceededBy share: Double, risk: Double) -> Double {
        let first = border { !$0.isAbove(share, risk: risk) }
        return LatencyScale.lowerSeconds(max(0, (first ?? counts.count) - 1))
    }

    /// The time that less than `share` of all exceed, likewise; infinite if none.
    func upperBound(exceededBy share: Double, risk: Double) -> Double {
        border { $0.isBelow(share, risk: risk) }.map(LatencyScale.lowerSeconds) ?? .infinity
    }

    /// The first bucket from which on `holds` is true of the rate of times in it or above.
    private func border(_ holds: (RateSequence) -> Bool) -> Int? {
        var sums = counts
        for bucket in sums.indices.dropLast().reversed() { sums[bucket] += sums[bucket + 1] }
        var (low, high) = (0, sums.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(RateSequence(hits: sums[middle], trials: total)) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low < sums.count ? low : nil
    }
}
