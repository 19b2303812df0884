import CLinux
import Glibc

/// One connection at an origin: reads requests and lets the behaviour answer them, in order.
enum OriginConnection {
    /// Accepts until the listening socket is shut down; each connection gets a thread.
    static func acceptAll(
        from listener: Int32,
        shared: Monitor<OriginServer.Shared>,
        name: String
    ) {
        while true {
            // No child may inherit it, or the other end would not see it close.
            let socket = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if socket < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let wire = Wire(adopting: socket)
            let place = shared.use { shared in
                shared.connectionsAccepted += 1
                shared.connections[shared.connectionsAccepted] = wire
                return shared.connectionsAccepted
            }
            WorkThread.detached {
                run(wire, shared: shared, name: name)
                shared.use { $0.connections[place] = nil }
            }
        }
    }

    private static func run(_ wire: Wire, shared: Monitor<OriginServer.Shared>, name: String) {
        do {
            try serve(wire, shared: shared, name: name)
        } catch WireFailure.malformed(let what) {
            shared.use { $0.violations.append(what) }
        } catch {
            // The connection ended, which is for the test to notice at its other end.
        }
        wire.close()
    }

    private static func serve(
        _ wire: Wire,
        shared: Monitor<OriginServer.Shared>,
        name: String
    ) throws {
        let reader = MessageReader(wire)
        var ordinal = 0
        while let head = try reader.head() {
            let request = try OriginRequest(head)
            if request.method == "GET", request.target == "/health" {
                let isHealthy = shared.use { shared in
                    shared.probes += 1
                    return shared.isHealthy
                }
                let status = isHealthy ? "200 OK" : "503 Service Unavailable"
                try wire.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
                continue
            }
            let (place, behaviour) = shared.use { shared in
                if ordinal == 0 { shared.connectionsUsed += 1 }
                if shared.keepsRecord { shared.requests.append(request) }
                return (shared.requests.count - 1, shared.behaviour)
            }
            let exchange = OriginExchange(
                request: request,
                originName: name,
                ordinal: ordinal,
                wire: wire,
                reader: reader,
                record: { complete in
                    shared.use { if $0.keepsRecord { $0.requests[place] = complete } }
                }
            )
            try behaviour(exchange)
            try exchange.finishRequest()
            if exchange.isLast { return }
            ordinal += 1
        }
    }
}
