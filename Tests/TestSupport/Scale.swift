import CLinux
import Glibc

/// How much of a large test is run: sanitizers slow a run down, and say so in the environment.
package enum Scale {
    /// Percent of the full size, from `SWITCHYARD_TEST_SCALE`.
    private static let percent: Int = {
        guard let text = unsafe getenv("SWITCHYARD_TEST_SCALE") else { return 100 }
        return min(max(Int(unsafe String(cString: text)) ?? 100, 1), 100)
    }()

    static var isFull: Bool { percent == 100 }

    /// The memory that a process may take where it may take `bytes` otherwise: a sanitizer has a
    /// shadow of it, and keeps what was freed.
    package static func memory(_ bytes: Int) -> Int { isFull ? bytes : 4 * bytes }

    /// `count` at full scale, never less than `floor`.
    package static func of(_ count: Int, floor: Int = 1) -> Int {
        max(count * percent / 100, floor)
    }
}
