import CLinux
import Glibc

/// Signals that no thread is interrupted by, since one waits for them.
struct SignalSet {
    private var set = sigset_t()

    /// Blocks `signals` for this thread and all that it starts.
    init(blocking signals: [Int32]) {
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next of them.
    mutating func next() -> Int32 {
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
        return signal
    }
}
