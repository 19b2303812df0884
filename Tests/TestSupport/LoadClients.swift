import Proxy
import Synchronization

/// Keep-alive clients that send one request after the other until they are told to stop.
///
/// Each request asks for a target of its own and expects to find it in the answer, so that a
/// response that went to the wrong client counts as a failure.
package final class LoadClients: Sendable {
    /// What all clients saw.
    package struct Tally: Sendable {
        package var responses = 0
        /// By what `X-Origin` said.
        package var byOrigin: [String: Int] = [:]
        package var failureCount = 0
        /// Only the first ones.
        package var failures: [String] = []
    }

    private static let keptFailures = 5

    private let tally: Monitor<Tally>
    private let isStopped: Monitor<Bool>
    private let threads: [WorkThread]

    /// The behaviour of an origin that these clients are content with.
    package static let answer: OriginServer.Behaviour = { exchange in
        try exchange.respond(body: "\(exchange.request.target)\n")
    }

    package init(_ count: Int, port: UInt16, fields: [String] = []) {
        let tally = Monitor(Tally())
        let isStopped = Monitor(false)
        let lines = fields.map { $0 + "\r\n" }.joined()
        threads = (0..<count).map { client in
            WorkThread {
                Self.run(client, port: port, lines: lines, tally: tally, isStopped: isStopped)
            }
        }
        self.tally = tally
        self.isStopped = isStopped
    }

    deinit { isStopped.use { $0 = true } }

    /// Waits until `count` more responses have arrived, so that there is load to test under.
    package func waitForResponses(_ count: Int) throws {
        let start = tally.current.responses
        try tally.wait(for: "\(count) responses under load") { tally in
            tally.responses + tally.failureCount >= start + count ? true : nil
        }
    }

    /// Lets every client end its exchange and answers what they saw.
    package func stop() -> Tally {
        isStopped.use { $0 = true }
        for thread in threads { thread.join() }
        return tally.current
    }

    private static func run(
        _ client: Int,
        port: UInt16,
        lines: String,
        tally: Monitor<Tally>,
        isStopped: Monitor<Bool>
    ) {
        var connection: RawDownstream?
        var number = 0
        while !isStopped.current {
            let target = "/client/\(client)/\(number)"
            number += 1
            do {
                let open = try connection ?? RawDownstream(port: port, readerBytes: 4096)
                connection = open
                let response = try open.exchange(
                    "GET \(target) HTTP/1.1\r\nHost: load.example\r\n\(lines)\r\n"
                )
                guard response.status == 200, response.text == "\(target)\n" else {
                    throw TestFailure("\(response.status) with \(response.text)")
                }
                if response.saysClose { connection = nil }
                tally.use { tally in
                    tally.responses += 1
                    tally.byOrigin[response["X-Origin"] ?? "none", default: 0] += 1
                }
            } catch {
                connection = nil
                tally.use { tally in
                    tally.failureCount += 1
                    if tally.failures.count < keptFailures {
                        tally.failures.append("\(target): \(error)")
                    }
                }
            }
        }
    }
}
