import Proxy
import TestSupport

/// The whole way of foreign bytes, over a connection to a proxy in this process.
///
/// What reaches the origin must be whole requests by the strict reader of the tests, what comes
/// back begins as a response, and an honest client is served afterwards.
final class ExchangeTarget: Sendable {
    static let shared = ExchangeTarget()

    private let origin: OriginServer
    private let proxy: ProxyUnderTest

    private init() {
        do {
            origin = try OriginServer { try $0.respond(body: "ok") }
            proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        } catch {
            preconditionFailure("the exchange target cannot start: \(error)")
        }
    }

    func check(_ bytes: [UInt8]) throws {
        let downstream = try proxy.connect()
        // The proxy may have refused and closed before all was sent.
        try? downstream.send(bytes)
        downstream.finishSending()
        let answer = (try? downstream.bytesUntilEnd()) ?? []
        let start = Array("HTTP/1.1 ".utf8)
        try promise(answer.isEmpty || answer.starts(with: start), "no response: \(answer)")
        let violations = origin.violations
        try promise(violations.isEmpty, "the origin got what is no request: \(violations)")
        let status = try proxy.get("/honest").status
        try promise(status == 200, "an honest client got \(status)")
    }
}
