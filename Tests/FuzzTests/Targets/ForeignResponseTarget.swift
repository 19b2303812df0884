import Proxy
import TestSupport

/// The whole way of an endpoint's foreign bytes to a client, through a proxy in this process.
///
/// What the client gets is one response by the strict reader of the tests, whole or broken off, and
/// nothing of it is left for the next request.
final class ForeignResponseTarget: Sendable {
    static let shared = ForeignResponseTarget()

    private let bytes: Monitor<[UInt8]>
    private let origin: OriginServer
    private let proxy: ProxyUnderTest

    private init() {
        let bytes = Monitor<[UInt8]>([])
        do {
            origin = try OriginServer(keepsRecord: false) { exchange in
                try exchange.body()
                if exchange.request.target == "/honest" {
                    return try exchange.respond(body: "honest")
                }
                try exchange.send(bytes.current)
                // Half of them stay open, so that the next request could find what was left.
                if bytes.current.count.isMultiple(of: 2) { exchange.close() }
            }
            proxy = try ProxyUnderTest(blue: origin) {
                $0.workers = 1
                $0.timeouts.responseHead = .milliseconds(50)
                $0.timeouts.streamIdle = .milliseconds(50)
                $0.upstream.ejection = nil
            }
        } catch {
            preconditionFailure("the target cannot start: \(error)")
        }
        self.bytes = bytes
    }

    func check(_ foreign: [UInt8]) throws {
        bytes.use { $0 = foreign }
        let downstream = try proxy.connect()
        var goesOn = false
        do {
            let response = try downstream.get("/foreign")
            goesOn = !response.saysClose && response.status != 101
        } catch WireFailure.malformed(let what) {
            throw FuzzFinding("a client got what is no response: \(what)")
        } catch WireFailure.timedOut(let what) {
            throw FuzzFinding("a client waits for \(what)")
        } catch {
            // Broken off, as it has to be.
        }
        if goesOn {
            let next = try? downstream.get("/honest")
            try promise(next == nil || next?.text == "honest", "the next got \(next?.text ?? "")")
        }
        let honest = try proxy.get("/honest").text
        try promise(honest == "honest", "an honest client got \(honest)")
    }
}
