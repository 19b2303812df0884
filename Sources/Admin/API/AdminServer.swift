import CLinux
import Glibc
import Proxy

/// The admin port: a few threads that wait for connections and answer on them.
package final class AdminServer: Sendable {
    /// Connections served at a time; more wait in the listen queue.
    package static let connectionLimit = 32
    /// Largest body of a request: a reason and a slot need a few hundred bytes.
    package static let bodyLimitBytes = 64 * 1024
    /// How long a connection may stay without a request.
    static let idleLimit = Duration.seconds(15)
    /// How long a request may take to arrive, and an answer to be taken.
    static let transferLimit = Duration.seconds(10)

    /// Where it listens, with the port that the kernel chose for port 0.
    package let bound: SocketAddress
    private let listener: FileDescriptor
    private let routes: AdminRoutes
    private let crew = Lock(Crew())
    /// Wakes every thread at the end; it stays signalled.
    private let ending: WakeUp

    /// The threads and what they do.
    private struct Crew {
        var threads: [ThreadBox] = []
        var waiting = 0
        /// Sockets with a connection.
        var open: Set<Int32> = []
        var isStopping = false
        /// Another process accepts from here on.
        var isLeaving = false
    }

    /// Binds and serves nothing yet; throws a sentence for the operator.
    package init(
        config: Config.Admin,
        control: ControlPlane,
        inherited: Int32? = nil
    ) throws(StartFailure) {
        let listener: FileDescriptor
        do throws(SystemError) {
            ending = try WakeUp()
            listener =
                if let inherited { try FileDescriptor("inherit", inherited) } else {
                    try Socket.listener(at: config.bind, shared: false)
                }
        } catch {
            throw StartFailure(message: Self.explain(error, address: config.address))
        }
        self.listener = listener
        bound = Socket.boundAddress(of: self.listener) ?? config.bind
        routes = AdminRoutes(
            control: control,
            guardian: OriginGuard(bind: bound),
            address: (config.address, bound.description)
        )
    }

    /// Begins to answer.
    package func start() {
        let isStarted = crew.withLock { crew in
            hire(&crew)
            return !crew.threads.isEmpty
        }
        precondition(isStarted, "the system has no thread left at the start")
    }

    /// Ends every connection; returns when all threads have ended.
    package func stop() {
        let threads = crew.withLock { crew in
            crew.isStopping = true
            for number in crew.open { shutdown(number, Int32(SHUT_RDWR)) }
            return crew.threads
        }
        // A newer process may listen on the same socket: then it must not be shut down.
        if !crew.withLock(\.isLeaving) { shutdown(listener.rawValue, Int32(SHUT_RDWR)) }
        ending.signal()
        for thread in threads { thread.join() }
    }

    /// The socket itself, for a process that takes over.
    package var listenerDescriptor: Int32 { listener.rawValue }

    /// Accepts no more, since another process does.
    package func stopAccepting() {
        crew.withLock { $0.isLeaving = true }
        ending.signal()
    }

    /// Returns when every answer was given.
    package func leave() {
        stopAccepting()
        let threads = crew.withLock { crew in
            for number in crew.open { shutdown(number, Int32(SHUT_RD)) }
            return crew.threads
        }
        for thread in threads { thread.join() }
    }
}

// MARK: Threads

extension AdminServer {
    /// Starts one more thread unless one waits already or all are there.
    private func hire(_ crew: inout Crew) {
        guard crew.waiting == 0, crew.threads.count < Self.connectionLimit, !crew.isStopping,
            !crew.isLeaving
        else { return }
        let thread = ThreadBox()
        guard thread.tryStart(name: "admin", { self.work() }) else { return }
        crew.waiting += 1
        crew.threads.append(thread)
    }

    /// A thread's life: each waits on the listening socket itself, so there is no queue of ours.
    private func work() {
        while waitForConnection() {
            do throws(AcceptFailure) {
                let accepted = try Socket.accept(from: listener.rawValue)
                let peer = accepted.peer
                meet(Connection(accepted.takeSocket()), from: peer)
            } catch {
                // Without descriptors the connection stays in the queue: try again a bit later.
                if case .exhausted = error { usleep(50_000) }
            }
        }
    }

    /// Returns when a connection waits, though another thread may take it; false at the end.
    private func waitForConnection() -> Bool {
        var entries = [
            pollfd(fd: listener.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        unsafe poll(&entries, 2, -1)
        return !crew.withLock { $0.isStopping || $0.isLeaving }
    }

    private func meet(_ connection: consuming Connection, from peer: IPAddress) {
        let number = connection.rawValue
        let mayServe = crew.withLock { crew in
            crew.waiting -= 1
            hire(&crew)
            crew.open.insert(number)
            return !crew.isStopping
        }
        if mayServe { serve(connection, from: "\(peer)") }
        // Before the descriptor is closed and its number taken by another connection.
        crew.withLock { crew in
            crew.open.remove(number)
            crew.waiting += 1
        }
        _ = consume connection
    }

    /// Whether every thread is at work, so that an idle connection would keep others waiting, or
    /// has to end.
    private var isCrowded: Bool {
        crew.withLock {
            ($0.waiting == 0 && $0.threads.count == Self.connectionLimit) || $0.isLeaving
        }
    }
}

// MARK: Connections

extension AdminServer {
    private func serve(_ connection: borrowing Connection, from peer: String) {
        var bytes: [UInt8] = []
        var deadline = ContinuousClock.now + Self.idleLimit
        var hasContinued = false
        while true {
            switch MessageReader.read(bytes, bodyLimitBytes: Self.bodyLimitBytes) {
            case .incomplete(let expectsContinue):
                if expectsContinue, !hasContinued {
                    hasContinued = true
                    let hint = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
                    guard connection.send(hint, until: deadline) else { return }
                }
                switch connection.receive(until: deadline) {
                case .end: return
                case .late:
                    guard !bytes.isEmpty else { return }
                    let refusal = AdminRefusal(408, "the request did not arrive in time")
                    return answer(.refusal(refusal), on: connection, keepsAlive: false)
                case .bytes(let more):
                    if bytes.isEmpty { deadline = ContinuousClock.now + Self.transferLimit }
                    bytes += more
                }
            case .refused(let status, let reason):
                let refusal = AdminRefusal(status, String(decoding: reason, as: UTF8.self))
                return answer(.refusal(refusal), on: connection, keepsAlive: false)
            case .complete(let plain, let byteCount):
                let request = AdminRequest(plain, peer: peer)
                let response = routes.answer(request)
                let isHead = request.method == "HEAD"
                if let feed = response.feed, !isHead {
                    let head = response.wire(keepsAlive: false, isHead: false, now: .now)
                    return stream(feed, head: head, on: connection)
                }
                let keepsAlive = plain.keepsAlive && !isCrowded
                answer(response, on: connection, keepsAlive: keepsAlive, isHead: isHead)
                guard keepsAlive else { return }
                bytes.removeFirst(byteCount)
                hasContinued = false
                deadline = ContinuousClock.now + Self.idleLimit
            }
        }
    }

    /// Sends an answer; when it is the last, waits until it was taken.
    private func answer(
        _ response: AdminResponse,
        on connection: borrowing Connection,
        keepsAlive: Bool,
        isHead: Bool = false
    ) {
        let deadline = ContinuousClock.now + Self.transferLimit
        let wire = response.wire(keepsAlive: keepsAlive, isHead: isHead, now: .now)
        let isSent = connection.send(wire, until: deadline)
        guard !keepsAlive, isSent else { return }
        // Closing with unread bytes would reset the connection and take the answer with it.
        shutdown(connection.rawValue, Int32(SHUT_WR))
        let lingerDeadline = ContinuousClock.now + .seconds(1)
        while case .bytes = connection.receive(until: lingerDeadline) {}
    }
}

extension AdminServer {
    private static func explain(_ failure: SystemError, address: String) -> String {
        let advice =
            switch failure.code {
            case EADDRINUSE:
                "it is in use by another program; stop that or change \"admin.address\""
            case EACCES: "this user may not; take a port from 1024 up or run with the privilege"
            case EADDRNOTAVAIL: "this machine does not have that address; change \"admin.address\""
            default: "\(failure)"
            }
        return "cannot listen on the admin address \(address): \(advice)"
    }
}
