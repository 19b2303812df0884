import CLinux
import Glibc

/// A value that threads share, and whose changes they can wait for.
///
/// A lock of POSIX and not `Mutex`, because a condition belongs to it and the thread sanitizer
/// knows both. Invariant: `value` is touched only while `lock` is held.
@safe package final class Monitor<Value>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        unsafe lock = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(lock)
        unsafe changed.deallocate()
        unsafe lock.deallocate()
    }

    /// Calls `body` with the value, alone, and wakes those who wait for a change of it.
    @discardableResult
    package func use<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        unsafe pthread_mutex_lock(lock)
        defer {
            unsafe pthread_cond_broadcast(changed)
            unsafe pthread_mutex_unlock(lock)
        }
        return try body(&value)
    }

    /// A copy of the value.
    ///
    /// Not for an array that grows: the copy shares its storage, and the thread sanitizer cannot
    /// see that the reference count keeps the two apart.
    package var current: Value { use { $0 } }

    /// Waits until `body` answers something else than nil; throws what `claim` says if it never
    /// does.
    @discardableResult
    package func wait<Result>(
        for claim: String,
        within duration: Duration = Deadline.patience,
        _ body: (inout Value) throws -> Result?
    ) throws -> Result {
        // The realtime clock is what `pthread_cond_timedwait` goes by.
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        let (seconds, attoseconds) = duration.components
        end.tv_sec += Int(seconds)
        end.tv_nsec += Int(attoseconds / 1_000_000_000)
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_nsec -= 1_000_000_000
            end.tv_sec += 1
        }
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            if let result = try body(&value) {
                unsafe pthread_cond_broadcast(changed)
                return result
            }
            guard unsafe pthread_cond_timedwait(changed, lock, &end) == 0 else {
                throw TestFailure("did not happen within \(duration): \(claim)")
            }
        }
    }
}

/// Holds threads back until a test opens it; stays open afterwards.
package final class Gate: Sendable {
    private let isOpen = Monitor(false)

    package init() {}

    package func open() { isOpen.use { $0 = true } }

    package func pass() throws {
        try isOpen.wait(for: "a gate that the test opens") { $0 ? true : nil }
    }
}
