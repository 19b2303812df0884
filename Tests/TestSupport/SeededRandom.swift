import CLinux
import Glibc

/// Numbers that are the same for the same seed (SplitMix64).
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A body of any size whose every byte is known by its place, without holding it.
///
/// It repeats after a prime number of bytes, so a piece that is lost, doubled or moved by any
/// buffer's size shows.
package struct SeededBody: Sendable {
    private static let periodBytes = 65_521

    package let count: Int
    /// The period twice, so that any piece up to a period is one slice.
    private let table: [UInt8]

    package init(seed: UInt64, count: Int) {
        var random = SeededRandom(seed: seed)
        let period = (0..<Self.periodBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        table = period + period
        self.count = count
    }

    /// The bytes from `offset` on, as many as one piece holds.
    package func piece(at offset: Int, limitBytes: Int = 65_521) -> ArraySlice<UInt8> {
        let start = offset % Self.periodBytes
        return table[start..<start + min(limitBytes, Self.periodBytes, count - offset)]
    }

    /// Calls `body` with all pieces in order.
    package func forEachPiece(
        ofBytes limitBytes: Int = 65_521,
        _ body: (ArraySlice<UInt8>) throws -> Void
    ) rethrows {
        var offset = 0
        while offset < count {
            let piece = piece(at: offset, limitBytes: limitBytes)
            try body(piece)
            offset += piece.count
        }
    }
}

/// Compares what arrives with a seeded body.
package struct SeededBodyCheck: Sendable {
    private let expected: SeededBody
    package private(set) var receivedBytes = 0
    /// Where the first difference was; nil while there is none.
    package private(set) var firstDifference: Int?

    package init(_ expected: SeededBody) { self.expected = expected }

    /// Whether exactly the expected bytes came.
    package var isComplete: Bool {
        firstDifference == nil && receivedBytes == expected.count
    }

    package mutating func take(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            guard receivedBytes < expected.count else {
                firstDifference = firstDifference ?? receivedBytes
                return
            }
            let piece = expected.piece(at: receivedBytes, limitBytes: rest.count)
            if !piece.elementsEqualFast(rest.prefix(piece.count)) {
                firstDifference = firstDifference ?? receivedBytes
            }
            rest = rest.dropFirst(piece.count)
            receivedBytes += piece.count
        }
    }
}

extension ArraySlice<UInt8> {
    /// Equality by `memcmp`, for unoptimised tests would take seconds per byte-wise megabyte.
    fileprivate func elementsEqualFast(_ other: ArraySlice<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { mine in
            unsafe other.withUnsafeBytes { theirs in
                guard let left = mine.baseAddress, let right = theirs.baseAddress else {
                    return true
                }
                return unsafe memcmp(left, right, mine.count) == 0
            }
        }
    }
}
