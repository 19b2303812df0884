import CLinux
import Glibc

/// A fast generator for choices that need no secrecy: splits by chance, balancing, request ids.
///
/// xoshiro256** by Blackman and Vigna (ACM TOMS 47, 2021), seeded from the kernel.
struct Random: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var seed: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let size = MemoryLayout.size(ofValue: seed)
        let count = unsafe getrandom(&seed, size, 0)
        precondition(count == size, "the kernel gives 32 random bytes at once")
        self.init(seed: seed)
    }

    /// The same numbers for the same seed.
    init(seed: (UInt64, UInt64, UInt64, UInt64)) {
        state = seed
        // The one state that the generator never leaves.
        if state == (0, 0, 0, 0) { state.0 = 1 }
    }

    mutating func next() -> UInt64 {
        let scrambled = Self.rotate(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, by: 45)
        return scrambled
    }

    /// A number in `0..<bound`, by one multiplication (Lemire, 2019, without the rejection step:
    /// a bias below 2⁻³² for the bounds used here).
    mutating func below(_ bound: UInt32) -> Int {
        Int(((next() >> 32) &* UInt64(bound)) >> 32)
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
