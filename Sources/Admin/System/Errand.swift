import Proxy

/// One thread for one kind of work that may take long; begins with the first piece of it.
final class Errand: Sendable {
    private struct State {
        var work: (@Sendable () -> Void)?
        var isBusy = false
        var hasThread = false
        var isStopped = false
    }

    private let name: String
    private let bell: Bell
    private let thread = ThreadBox()
    private let state = Lock(State())

    init(_ name: String) throws(SystemError) {
        self.name = name
        bell = try Bell()
    }

    /// Lets the thread do `work`; false when it is at work already or cannot be had.
    @discardableResult
    func begin(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isBusy, !state.isStopped else { return false }
            if !state.hasThread {
                state.hasThread = thread.tryStart(name: name) { [self] in run() }
            }
            guard state.hasThread else { return false }
            state.work = work
            state.isBusy = true
            return true
        }
        if isTaken { bell.ring() }
        return isTaken
    }

    /// Takes no further work.
    ///
    /// Waits for the thread unless it is at work, for that may take as long as somebody else likes;
    /// it then ends by itself, or with the program.
    func stop() {
        let isBusy = state.withLock { state in
            state.isStopped = true
            return state.isBusy
        }
        bell.ring()
        if isBusy { thread.detach() } else { thread.join() }
    }

    var isStopped: Bool { state.withLock(\.isStopped) }

    private func run() {
        while true {
            let (work, isStopped) = state.withLock { ($0.work.take(), $0.isStopped) }
            if let work {
                work()
                state.withLock { $0.isBusy = false }
            } else if isStopped {
                return
            } else {
                bell.wait(nil)
            }
        }
    }
}
