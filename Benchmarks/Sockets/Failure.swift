import CLinux
import Glibc

/// Ends the program with one sentence on standard error.
package func fail(_ sentence: String) -> Never {
    let line = sentence + "\n"
    unsafe write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
}

/// Ends the program if a system call failed that has no reason to.
package func require(_ succeeded: Bool, _ call: @autoclosure () -> String) {
    guard !succeeded else { return }
    let code = errno
    fail("\(call()) failed: \(unsafe String(cString: strerror(code)))")
}

/// Nanoseconds of the monotonic clock.
package func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
