import CLinux
import Glibc

/// One thread, to be started once and joined once.
package final class ThreadBox: Sendable {
    private let handle = Lock<pthread_t?>(nil)

    package init() {}

    /// Runs `body` on a new thread that is called `name` in the process list.
    func start(name: String, _ body: @escaping @Sendable () -> Void) {
        precondition(tryStart(name: name, body), "the system has threads left")
    }

    /// The same for threads that may be missing; false when the system has none left.
    package func tryStart(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            unsafe work.toOpaque()
        )
        guard code == 0 else {
            unsafe work.release()
            return false
        }
        handle.withLock { $0 = thread }
        return true
    }

    /// Waits for its end; at once when it was never started.
    package func join() {
        if let thread = takeHandle() { _ = pthread_join(thread, nil) }
    }

    /// Lets it end by itself, for it may take longer than anybody wants to wait.
    package func detach() {
        if let thread = takeHandle() { _ = pthread_detach(thread) }
    }

    private func takeHandle() -> pthread_t? {
        handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
    }

    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            // Signals are for the thread that waits for them; the kernel's name limit is 15 bytes.
            var all = sigset_t()
            unsafe sigfillset(&all)
            unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
            unsafe pthread_setname_np(pthread_self(), name)
            body()
        }
    }
}
