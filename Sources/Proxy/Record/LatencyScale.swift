/// Buckets for times from 65 µs to 137 s: 32 to an octave, so that one is 3.1 % wide at most.
///
/// A time told by the middle of its bucket is wrong by at most 1.6 %. Octaves are powers of two of a
/// nanosecond, so that the bucket of a time is a few shifts and no logarithm.
package enum LatencyScale {
    private static let bucketsOfOctave = 32
    private static let bucketBits = 5
    /// Times below 2^16 ns are one bucket: no endpoint behind a socket answers faster.
    private static let firstOctave = 16
    /// Times from 2^37 ns on are one bucket, above twice the default `timeouts.response_head`.
    private static let endOctave = 37

    package static let bucketCount = 2 + (endOctave - firstOctave) * bucketsOfOctave

    /// The bucket of a time.
    package static func bucket(of time: Nanoseconds) -> Int {
        let count = UInt64(max(0, time.count))
        guard count >= 1 << firstOctave else { return 0 }
        guard count < 1 << endOctave else { return bucketCount - 1 }
        let octave = UInt64.bitWidth - 1 - count.leadingZeroBitCount
        let place = Int(count >> UInt64(octave - bucketBits)) & (bucketsOfOctave - 1)
        return 1 + (octave - firstOctave) * bucketsOfOctave + place
    }

    /// The least time of a bucket.
    package static func lowerSeconds(_ bucket: Int) -> Double {
        guard bucket > 0 else { return 0 }
        let (octave, place) = (bucket - 1).quotientAndRemainder(dividingBy: bucketsOfOctave)
        let start = Double(UInt64(1) << UInt64(firstOctave + octave))
        return start * (1 + Double(place) / Double(bucketsOfOctave)) / 1e9
    }

    /// The time that a bucket ends before; infinite for the last.
    package static func upperSeconds(_ bucket: Int) -> Double {
        bucket < bucketCount - 1 ? lowerSeconds(bucket + 1) : .infinity
    }

    /// The time that stands for a bucket.
    package static func middleSeconds(_ bucket: Int) -> Double {
        let lower = lowerSeconds(bucket)
        return bucket < bucketCount - 1 ? (lower + upperSeconds(bucket)) / 2 : lower
    }
}
