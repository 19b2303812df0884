import Proxy
import TestSupport
import Testing

/// One row for each way in which an endpoint fails one request.
///
/// It tells what the client sees, what the
/// metrics and the log say, and that the next request is well. `docs/reliability.md` has the same
/// rows.
@Suite("Fault table")
struct FaultTableTests {
    enum Sight: Sendable, Equatable {
        case status(Int)
        /// The response breaks off, and nobody can take it for whole.
        case cut
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var request = "GET /fault HTTP/1.1\r\nHost: a\r\n\r\n"
        let sight: Sight
        let outcome: String
        /// In the line on the error log; nil when there is nothing to tell.
        let reason: String?
        let behaviour: OriginServer.Behaviour

        var testDescription: String { name }
    }

    private static let upload =
        "POST /fault HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nfirst"
    private static let broke = "The endpoint closed the connection before its response."
    private static let late = "The endpoint did not answer in time."
    private static let malformed = "The response of the endpoint is malformed."

    static let rows = withoutResponse + withBadResponse + withEarlyResponse

    private static let withoutResponse = [
        Row(
            name: "accepts and hangs",
            sight: .status(504),
            outcome: "response_timeout",
            reason: late
        ) { $0.waitForEnd() },
        Row(
            name: "resets before it reads",
            request: upload,
            sight: .status(502),
            outcome: "closed",
            reason: broke
        ) { $0.reset() },
        Row(
            name: "resets after the request",
            sight: .status(502),
            outcome: "closed",
            reason: broke
        ) { exchange in
            try exchange.body()
            exchange.reset()
        },
        Row(
            name: "closes after the request",
            sight: .status(502),
            outcome: "closed",
            reason: broke
        ) { exchange in
            try exchange.body()
            exchange.close()
        },
        Row(
            name: "half-closes without a response",
            sight: .status(502),
            outcome: "closed",
            reason: broke
        ) { exchange in
            try exchange.body()
            exchange.wire.finishSending()
            exchange.waitForEnd()
        },
        Row(
            name: "stops in the middle of its head",
            sight: .status(504),
            outcome: "response_timeout",
            reason: late
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Le")
            exchange.waitForEnd()
        },
        Row(
            name: "closes in the middle of its head",
            sight: .status(502),
            outcome: "closed",
            reason: broke
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Le")
            exchange.close()
        },
    ]

    private static let withBadResponse = [
        Row(
            name: "closes in the middle of its body",
            sight: .cut,
            outcome: "closed",
            reason: nil
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            exchange.close()
        },
        Row(
            name: "half-closes in the middle of its body",
            sight: .cut,
            outcome: "closed",
            reason: nil
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            exchange.wire.finishSending()
            exchange.waitForEnd()
        },
        Row(
            name: "stops in the middle of its body",
            sight: .cut,
            outcome: "response_timeout",
            reason: nil
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            exchange.waitForEnd()
        },
        Row(
            name: "answers with garbage",
            sight: .status(502),
            outcome: "malformed_response",
            reason: malformed
        ) { exchange in
            try exchange.send("\u{0}\u{1}garbage\r\n\r\n")
            exchange.waitForEnd()
        },
        Row(
            name: "breaks its chunks",
            sight: .cut,
            outcome: "malformed_response",
            reason: nil
        ) { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            // The response has begun downstream before its fault comes.
            exchange.wire.awaitBytes(for: .milliseconds(200))
            try exchange.send("no size\r\n")
            exchange.waitForEnd()
        },
        Row(
            name: "answers twice",
            sight: .status(200),
            outcome: "success",
            reason: nil
        ) { exchange in
            let response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            try exchange.send(response + response)
            exchange.waitForEnd()
        },
    ]

    private static let withEarlyResponse = [
        Row(
            name: "trickles its response",
            sight: .status(200),
            outcome: "success",
            reason: nil
        ) { exchange in
            for byte in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8 {
                try exchange.send([byte])
                exchange.wire.awaitBytes(for: .milliseconds(2))
            }
        },
        Row(
            name: "responds before the body has come, and closes",
            request: upload,
            sight: .status(413),
            outcome: "success",
            reason: nil
        ) { exchange in
            try exchange.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            exchange.wire.finishSending()
            exchange.waitForEnd()
        },
        Row(
            name: "responds and closes at once",
            sight: .status(200),
            outcome: "success",
            reason: nil
        ) { exchange in
            try exchange.respond()
            exchange.close()
        },
        Row(
            name: "sends an error of its own",
            sight: .status(500),
            outcome: "server_error",
            reason: nil
        ) { try $0.respond("500 Broken") },
    ]

    @Test(arguments: rows)
    func `each fault is told for what it is`(row: Row) throws {
        let folder = try TemporaryFolder()
        let origin = try OriginServer { exchange in
            if exchange.request.target == "/fault" { return try row.behaviour(exchange) }
            try exchange.respond()
        }
        var config = ConfigText(blue: origin)
        config.healthCheck = "false"
        config.more =
            #""timeouts": {"response_head": "400ms", "stream_idle": "800ms"},"#
        let process = try SwitchyardProcess(config, in: folder)

        let seen = try Self.seen(process.connect(), row.request)

        #expect(seen == row.sight)
        try eventually("the metrics tell the outcome \(row.outcome)") {
            try process.admin("GET", "/metrics").text.contains(
                """
                upstream_attempts_total{slot="blue",service="app",endpoint="\(origin.authority)",\
                outcome="\(row.outcome)"} 1
                """
            )
        }
        if let reason = row.reason {
            try process.child.waitForText("the log tells why") {
                $0.contains("\"target\":\"/fault\"") && $0.contains(reason) ? true : nil
            }
        }
        let next = try process.connect()
        for _ in 0..<3 { #expect(try next.get("/").status == 200) }
        if row.reason == nil { #expect(!process.child.errorText.contains("\"/fault\"")) }
    }

    private static func seen(_ downstream: RawDownstream, _ request: String) throws -> Sight {
        do {
            return .status(try downstream.exchange(request).status)
        } catch let failure as WireFailure where failure.isBrokenOff {
            return .cut
        }
    }

    // MARK: Faults of connecting

    @Test func `an endpoint that refuses`() throws {
        let folder = try TemporaryFolder()
        let origin = try OriginServer(listening: false)
        var config = ConfigText(blue: origin)
        config.healthCheck = "false"
        let process = try SwitchyardProcess(config, in: folder)

        let seen = try process.connect().get("/fault")
        // Counted when the response is on its way, so that the client may be quicker.
        try eventually("the outcome is counted") {
            let page = try process.admin("GET", "/metrics").text
            return page.contains(#"outcome="connect_failure"} 2"#)
                && page.contains(#"service="app",method="GET",status="502"} 1"#)
        }
        try origin.listen()

        try expectError(seen, status: 502)
        try process.child.waitForText("the log tells why") {
            $0.contains("The endpoint refused the connection.") ? true : nil
        }
        #expect(try process.connect().get("/").status == 200)
    }

    @Test func `an endpoint where connecting never ends, beside one that is well`() throws {
        let folder = try TemporaryFolder()
        let hole = try BlackHole()
        let well = try OriginServer()
        var config = ConfigText(blue: well)
        config.blue = #"127.0.0.1:\#(hole.port)", "\#(well.authority)"#
        config.healthCheck = "false"
        config.more = #""timeouts": {"connect": "200ms"}, "upstream": {"balance": "round_robin"},"#
        let process = try SwitchyardProcess(config, in: folder)

        let statuses = try (0..<14).map { _ in try process.connect().get("/").status }

        #expect(statuses.allSatisfy { $0 == 200 })
        try eventually("failures and the ejection are counted") {
            let page = try process.admin("GET", "/metrics").text
            return page.contains(#"outcome="connect_timeout"} 5"#)
                && page.contains(
                    """
                    upstream_ejections_total{slot="blue",service="app",\
                    endpoint="127.0.0.1:\(hole.port)",reason="consecutive_failures"} 1
                    """
                )
        }
        try process.child.waitForText("the log tells of the ejection") {
            $0.contains("is ejected for 10000 ms: consecutive_failures, last connect_timeout")
                ? true : nil
        }
        #expect(try process.admin("GET", "/status").text.contains("\"ejected\": true"))
    }

    @Test func `all endpoints dead`() throws {
        let folder = try TemporaryFolder()
        let origin = try OriginServer()
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        origin.isHealthy = false
        try eventually("the live slot's endpoint is unhealthy") {
            try process.admin("GET", "/metrics/slots/blue").status == 503
        }

        let seen = try process.connect().get("/fault")
        let page = try process.admin("GET", "/metrics").text
        origin.isHealthy = true

        try expectError(seen, status: 503)
        #expect(page.contains(#"upstream_unserved_total{slot="blue",service="app"} 1"#))
        #expect(origin.requests.isEmpty)
        try process.child.waitForText("the log tells why") {
            $0.contains("No endpoint of the service is healthy.") ? true : nil
        }
        try eventually("it serves again") { try process.connect().get("/").status == 200 }
    }
}
