import CLinux
import Glibc

/// A thread of its own for something that blocks; joined at the latest when it is let go.
@safe package final class WorkThread: Sendable {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let identifier: pthread_t
    private let isJoined = Monitor(false)

    package init(_ body: @escaping @Sendable () -> Void) { identifier = Self.start(body) }

    deinit { join() }

    package func join() {
        isJoined.use { isJoined in
            if !isJoined { pthread_join(identifier, nil) }
            isJoined = true
        }
    }

    /// Runs `body` in a thread that nobody joins; it has to tell its end by itself.
    static func detached(_ body: @escaping @Sendable () -> Void) {
        pthread_detach(start(body))
    }

    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var identifier = pthread_t()
        let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
        let code = unsafe pthread_create(
            &identifier,
            nil,
            { raw in
                if let raw = unsafe raw {
                    unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
                }
                return nil
            },
            work
        )
        precondition(code == 0, "the machine has no thread left")
        return identifier
    }
}

/// Runs `body` in `count` threads, waits for all and answers what each returned, in order.
package func inThreads<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    let results = Monitor([Int: Swift.Result<Result, any Error>]())
    let threads = (0..<count).map { index in
        WorkThread {
            let result = Swift.Result { try body(index) }
            results.use { $0[index] = result }
        }
    }
    for thread in threads { thread.join() }
    let all = results.current
    return try (0..<count).compactMap { try all[$0]?.get() }
}

/// Runs `body` beside the test; `value()` waits for its end.
package final class Beside<Result: Sendable>: Sendable {
    private let outcome = Monitor<Swift.Result<Result, any Error>?>(nil)
    private let thread: WorkThread

    package init(_ body: @escaping @Sendable () throws -> Result) {
        thread = WorkThread { [outcome] in
            let result = Swift.Result { try body() }
            outcome.use { $0 = result }
        }
    }

    package var hasEnded: Bool { outcome.current != nil }

    package func value(within duration: Duration = Deadline.patience) throws -> Result {
        try outcome.wait(for: "the end of a thread", within: duration) { $0 }.get()
    }
}
