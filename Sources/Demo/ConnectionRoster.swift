import Proxy

/// Every open connection of an origin with its thread, so that all of them can be ended.
final class ConnectionRoster: Sendable {
    /// Bounds threads and memory; a load generator with some hundred connections fits.
    static let connectionLimit = 1024

    private struct Entry {
        let socket: OriginSocket
        let thread: OriginThread
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var lastKey = 0
        var isClosed = false
    }

    private let state = Lock(State())

    /// Runs `serve` on a thread of its own, then closes `socket`; false when there is no room.
    func admit(_ socket: OriginSocket, serve: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.entries.count < Self.connectionLimit else { return false }
            state.lastKey += 1
            let key = state.lastKey
            // The new thread can only leave after this lock is free, so it finds its entry.
            guard
                let thread = OriginThread({
                    serve()
                    self.leave(key)
                })
            else { return false }
            state.entries[key] = Entry(socket: socket, thread: thread)
            return true
        }
    }

    /// Ends every connection and waits for its thread.
    func close() {
        let entries = state.withLock { state in
            state.isClosed = true
            let entries = Array(state.entries.values)
            state.entries = [:]
            for entry in entries { entry.socket.shutDown() }
            return entries
        }
        for entry in entries {
            entry.thread.join()
            entry.socket.close()
        }
    }

    private func leave(_ key: Int) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: key) else { return }
            entry.thread.detach()
            // Under the lock: `close` must never shut down a descriptor with a new owner.
            entry.socket.close()
        }
    }
}
