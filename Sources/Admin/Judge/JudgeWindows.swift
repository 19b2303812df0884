import Proxy

/// Since when the judge looks: a fresh start, and then a window that moves on in strides.
///
/// A sequence of bounds holds from where it began. So a new one begins every stride, each with a
/// share of the risk of its own, and whatever one of them shows counts: a slot that turns bad is
/// seen by the first that began after it, not when the last good second has left the window.
struct JudgeWindows {
    /// Strides of a window.
    static let strides = 6

    /// One sequence that runs.
    struct Window: Equatable {
        /// From 0 at the fresh start.
        let number: Int
        let start: MonotonicTime

        /// The part of the risk that this window has: half for the first, and of the other half
        /// 1/2, 1/6, 1/12, …, which add up to 1 however long it goes on.
        var share: Double {
            number == 0 ? 0.5 : 0.5 / (Double(number) * Double(number + 1))
        }
    }

    /// The fresh start.
    let start: MonotonicTime
    let length: Nanoseconds

    /// The windows that run at `now`, the longest first.
    func windows(at now: MonotonicTime) -> [Window] {
        let stride = max(1, length.count / Int64(Self.strides))
        let age = max(0, (now - start).count)
        let newest = age / stride
        let oldest = max(0, (age - length.count + stride - 1) / stride)
        return (oldest...newest).map { number in
            Window(number: Int(number), start: start + Nanoseconds(number * stride))
        }
    }
}
