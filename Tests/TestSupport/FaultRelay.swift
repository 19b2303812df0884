import CLinux
import Glibc
import Proxy

/// Stands between the proxy and an origin, passes bytes on, and does harm where it is told to.
///
/// Harm is counted in bytes from the connection's start, so that a test can go through all stages
/// of an exchange one by one.
package final class FaultRelay: Sendable {
    package enum Fault: Sendable, Equatable {
        case none
        /// Takes the connection and neither reads nor writes.
        case hang
        /// Resets once so many bytes have come from the proxy.
        case resetAfterRequest(bytes: Int)
        /// Resets, or closes, once so many bytes of the origin's have been passed on.
        case resetAfterResponse(bytes: Int)
        case closeAfterResponse(bytes: Int)
        /// Ends the stream towards the proxy after so many bytes, and goes on reading.
        case halfCloseAfterResponse(bytes: Int)
        /// Passes the response on byte by byte.
        case trickle
    }

    private struct State {
        var fault = Fault.none
        var open = 0
    }

    package let port: UInt16
    private let listener: Int32
    private let state = Monitor(State())
    private let thread: WorkThread

    package init(to origin: OriginServer) throws {
        let listener = try LoopbackSocket.bound()
        guard listen(listener, 1024) == 0 else {
            throw WireFailure.system(call: "listen", code: errno)
        }
        self.listener = listener
        port = LoopbackSocket.port(of: listener)
        let target = origin.port
        thread = WorkThread { [state] in
            Self.acceptAll(from: listener, to: target, state)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        Glibc.close(listener)
    }

    package var endpoint: Config.Endpoint { .loopback(port) }

    /// Does harm to every connection from now on.
    package func harm(_ fault: Fault) { state.use { $0.fault = fault } }

    // MARK: Connections

    private static func acceptAll(from listener: Int32, to port: UInt16, _ state: Monitor<State>) {
        while true {
            let socket = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if socket < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let near = Wire(adopting: socket)
            let fault = state.use { state in
                state.open += 1
                return state.fault
            }
            WorkThread.detached {
                try? relay(near, to: port, fault)
                near.close()
                state.use { $0.open -= 1 }
            }
        }
    }

    private static func relay(_ near: Wire, to port: UInt16, _ fault: Fault) throws {
        guard fault != .hang else { return waitForEnd(of: near) }
        let far = Wire(
            adopting: try LoopbackSocket.connected(
                host: "127.0.0.1",
                port: port,
                source: nil,
                receiveBufferBytes: nil
            )
        )
        let back = WorkThread {
            try? passBack(from: far, to: near, fault)
            far.interrupt()
        }
        try? passOn(from: near, to: far, fault)
        far.interrupt()
        back.join()
    }

    private static func waitForEnd(of wire: Wire) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try? wire.receive(
            into: &buffer,
            at: 0..<buffer.count,
            until: Deadline(),
            for: "the end"
        ), count > 0 {}
    }

    private static func passOn(from near: Wire, to far: Wire, _ fault: Fault) throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var passed = 0
        while true {
            if case .resetAfterRequest(let bytes) = fault, passed >= bytes {
                return near.resetAtClose()
            }
            var room = buffer.count
            if case .resetAfterRequest(let bytes) = fault { room = min(room, bytes - passed) }
            let count = try near.receive(
                into: &buffer,
                at: 0..<room,
                until: Deadline(),
                for: "a request"
            )
            guard count > 0 else { return }
            try far.send(buffer[..<count])
            passed += count
        }
    }

    private static func passBack(from far: Wire, to near: Wire, _ fault: Fault) throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var passed = 0
        while true {
            let room = room(passed, fault, buffer.count)
            guard room > 0 else { return try end(near, fault) }
            let count = try far.receive(
                into: &buffer,
                at: 0..<room,
                until: Deadline(),
                for: "a response"
            )
            guard count > 0 else { return isReset(fault) ? () : near.interrupt() }
            try near.send(buffer[..<count])
            passed += count
            // One piece at a time, each on its own way.
            if fault == .trickle { _ = poll(nil, 0, 1) }
        }
    }

    /// Whether the connection ends with a reset, which an end of the stream must not come before.
    private static func isReset(_ fault: Fault) -> Bool {
        if case .resetAfterRequest = fault { true } else { false }
    }

    private static func room(_ passed: Int, _ fault: Fault, _ most: Int) -> Int {
        switch fault {
        case .none, .hang, .resetAfterRequest: most
        case .trickle: 1
        case .resetAfterResponse(let bytes), .closeAfterResponse(let bytes),
            .halfCloseAfterResponse(let bytes):
            min(most, bytes - passed)
        }
    }

    private static func end(_ near: Wire, _ fault: Fault) throws {
        switch fault {
        case .resetAfterResponse: near.resetAtClose()
        case .halfCloseAfterResponse: near.finishSending()
        default: near.interrupt()
        }
    }
}
