import CLinux
import Glibc

/// The moment by which something has to have happened, so that a test fails instead of hanging.
package struct Deadline: Sendable {
    /// Enough for a loaded machine with sanitizers on; a test that passes seldom waits.
    package static let patience = Duration.seconds(60)

    private let instant: ContinuousClock.Instant

    package init(after duration: Duration = Deadline.patience) {
        instant = .now.advanced(by: duration)
    }

    package var hasPassed: Bool { ContinuousClock.now >= instant }

    /// What is left, rounded up, as `poll` wants it.
    var remainingMilliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: instant)
        guard left > .zero else { return 0 }
        return Int32(clamping: Int64(left / .milliseconds(1)) + 1)
    }
}

/// Why a test could not go on: a sentence.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Waits until `condition` holds; throws what `claim` says when it does not in time.
///
/// For states of the product that have no event to wait for; the kit's own have a `Monitor`.
package func eventually(
    _ claim: String,
    within duration: Duration = Deadline.patience,
    _ condition: () throws -> Bool
) throws {
    let deadline = Deadline(after: duration)
    while try !condition() {
        guard !deadline.hasPassed else {
            throw TestFailure("did not come true within \(duration): \(claim)")
        }
        // A short look away, so that the other side has a core to make it true.
        _ = poll(nil, 0, 2)
    }
}
