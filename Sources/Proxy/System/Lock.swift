import CLinux
import Glibc

/// A value that one thread at a time may touch; for the control side, never on a request's way.
///
/// POSIX's mutex and not the standard library's `Mutex`: the thread sanitizer cannot see a
/// contended one of those and takes it for a race, which would blind it to real ones.
@safe package final class Lock<Value: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: consuming Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0, "a mutex of the default kind can be had")
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the value while no other thread is in here.
    package func withLock<Result: ~Copyable, Thrown: Error>(
        _ body: (inout Value) throws(Thrown) -> Result
    ) throws(Thrown) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
