/// One connection to an origin: request after request on a thread of its own.
struct DemoConnection {
    /// Bytes of one write of a download.
    static let blockBytes = 64 * 1024
    static let downloadLimitBytes = 1 << 40
    static let eventIntervalMilliseconds: Int32 = 1_000

    let socket: OriginSocket
    let application: DemoApplication

    /// Serves until either side ends the connection.
    func serve() {
        var reader = DemoRequestReader(socket)
        while let request = reader.next() {
            let started = ContinuousClock.now
            let endpoint = DemoApplication.endpoint(of: request.path)
            let (status, goesOn) = answer(request, endpoint: endpoint, unread: &reader.unread)
            application.metrics.record(
                method: request.method,
                endpoint: endpoint,
                status: status,
                took: .now - started
            )
            guard goesOn, request.keepsAlive else { return }
        }
    }

    /// Answers and tells the status, and whether the connection can go on.
    private func answer(
        _ request: DemoRequest,
        endpoint: String,
        unread: inout [UInt8]
    ) -> (status: Int, goesOn: Bool) {
        let misbehaves = !["/health", "/knobs", "/metrics"].contains(endpoint)
        if misbehaves {
            let delay = application.board.knobs.delayMilliseconds
            if delay > 0, socket.waitForHangUp(milliseconds: delay) { return (499, false) }
            if application.board.takesFailure() { return send(application.failure, to: request) }
        }
        switch endpoint {
        case "/events": return (200, streamEvents(for: request))
        case "/download": return download(request)
        case "/ws": return upgrade(request, unread: &unread)
        default: return send(application.response(to: request), to: request)
        }
    }

    private func send(_ response: DemoResponse, to request: DemoRequest) -> (Int, Bool) {
        let bytes = response.bytes(for: request, identity: application.identity)
        return (response.status, socket.send(bytes))
    }

    /// Server-sent events, one a second, until the other side has enough.
    private func streamEvents(for request: DemoRequest) -> Bool {
        let identity = application.identity
        let head =
            DemoResponse.head(status: 200, identity: identity)
            + "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            + (request.isHTTP11
                ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n")
        guard socket.send(Array(head.utf8)) else { return false }
        guard request.method != "HEAD" else { return request.isHTTP11 }
        var number = 0
        repeat {
            number += 1
            let event = """
                id: \(number)
                data: {"slot":"\(identity.slot)","service":"\(identity.service)","n":\(number)}


                """
            let chunk = "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
            guard socket.send(Array((request.isHTTP11 ? chunk : event).utf8)) else { return false }
        } while !socket.waitForHangUp(milliseconds: Self.eventIntervalMilliseconds)
        return false
    }

    /// `/download?bytes=N`: that many bytes, never held at once.
    private func download(_ request: DemoRequest) -> (Int, Bool) {
        guard let total = request.queryNumber("bytes"),
            (0...Self.downloadLimitBytes).contains(total)
        else {
            let advice = "{\"error\":\"ask for /download?bytes=N\"}\n"
            return send(DemoResponse(status: 400, body: advice), to: request)
        }
        let head =
            DemoResponse.head(status: 200, identity: application.identity)
            + "Content-Type: application/octet-stream\r\nContent-Length: \(total)\r\n"
            + (request.keepsAlive ? "\r\n" : "Connection: close\r\n\r\n")
        guard socket.send(Array(head.utf8)) else { return (200, false) }
        guard request.method != "HEAD" else { return (200, true) }
        let block = [UInt8](repeating: UInt8(ascii: "."), count: min(Self.blockBytes, total))
        var remaining = total
        while remaining > 0 {
            let bytes = remaining >= block.count ? block : Array(block.prefix(remaining))
            guard socket.send(bytes) else { return (200, false) }
            remaining -= bytes.count
        }
        return (200, true)
    }

    private func upgrade(_ request: DemoRequest, unread: inout [UInt8]) -> (Int, Bool) {
        guard let accept = WebSocketEcho.acceptKey(for: request) else {
            let advice = "{\"error\":\"this path speaks WebSocket (RFC 6455) only\"}\n"
            return send(DemoResponse(status: 426, body: advice), to: request)
        }
        let head =
            DemoResponse.head(status: 101, identity: application.identity)
            + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"
        if socket.send(Array(head.utf8)) {
            var echo = WebSocketEcho(unread: unread)
            while let frames = echo.takeAnswer(), frames.isEmpty || socket.send(frames) {
                guard frames.isEmpty else { continue }
                guard socket.receive(into: &echo.unread) else { break }
            }
        }
        return (101, false)
    }
}
