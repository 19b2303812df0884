import FoundationEssentials

/// What an origin answers: path by path, and misbehaving as its knobs say.
final class DemoApplication: Sendable {
    let identity: DemoIdentity
    let board = DemoKnobBoard()
    let metrics = DemoMetrics()

    init(identity: DemoIdentity) { self.identity = identity }

    /// The endpoint label of a path: one of a few, whatever is asked for.
    static func endpoint(of path: String) -> String {
        switch path {
        case "/", "/health", "/metrics", "/events", "/ws", "/download", "/knobs": path
        case let path where path.hasPrefix("/api/"): "/api"
        default: "other"
        }
    }

    /// The whole answer to a request that does not stream.
    func response(to request: DemoRequest) -> DemoResponse {
        switch Self.endpoint(of: request.path) {
        case "/":
            DemoResponse(type: "text/html; charset=utf-8", body: DemoPage(identity: identity).html)
        case "/health": health
        case "/metrics": DemoResponse(type: "text/plain; version=0.0.4", body: metrics.text)
        case "/knobs": knobs(request)
        case "/api": echo(request)
        default: DemoResponse(status: 404, body: Self.json(Failure(error: "nothing at this path")))
        }
    }

    /// What every request gets whose turn it is to fail.
    var failure: DemoResponse {
        DemoResponse(status: 500, body: Self.json(Failure(error: "failed because a knob says so")))
    }

    private var health: DemoResponse {
        let healthy = board.knobs.healthy
        let report = Health(
            status: healthy ? "ok" : "failing",
            slot: identity.slot,
            service: identity.service,
            version: identity.version
        )
        return DemoResponse(status: healthy ? 200 : 503, body: Self.json(report))
    }

    private func knobs(_ request: DemoRequest) -> DemoResponse {
        switch request.method {
        case "GET", "HEAD": break
        case "POST", "PUT":
            guard board.change(by: request.body) else {
                let advice = """
                    send any of error_percent (0 to 100), delay_ms (0 to \
                    \(DemoKnobs.delayLimitMilliseconds)) and healthy (true or false)
                    """
                return DemoResponse(status: 400, body: Self.json(Failure(error: advice)))
            }
        default:
            return DemoResponse(status: 405, body: Self.json(Failure(error: "use GET or POST")))
        }
        return DemoResponse(body: Self.json(board.knobs))
    }

    private func echo(_ request: DemoRequest) -> DemoResponse {
        let echo = Echo(
            slot: identity.slot,
            service: identity.service,
            version: identity.version,
            method: request.method,
            target: request.target,
            requestID: request.field("x-request-id"),
            bodyBytes: request.bodyBytes
        )
        return DemoResponse(body: Self.json(echo))
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(value) else {
            preconditionFailure("these values have no number that JSON lacks")
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private struct Failure: Encodable { let error: String }

    private struct Health: Encodable { let status, slot, service, version: String }

    private struct Echo: Encodable {
        let slot, service, version, method, target: String
        let requestID: String?
        let bodyBytes: Int

        enum CodingKeys: String, CodingKey {
            case slot, service, version, method, target
            case requestID = "request_id"
            case bodyBytes = "body_bytes"
        }
    }
}
