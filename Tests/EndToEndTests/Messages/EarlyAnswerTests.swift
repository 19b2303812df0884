import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("Answers before the end of the request's body")
struct EarlyAnswerTests {
    /// What became of the requests that followed an early answer.
    private struct Sequels {
        /// They came over another connection, for the proxy had not got rid of the body.
        var elsewhere = 0
        /// Bytes that came after them.
        var surplusBytes = 0
        var count = 0
    }

    /// More than fits in the socket of an endpoint that takes little, and not more than one read.
    private static let bodyBytes = 62_000
    private static let wanted = 25
    private static let triesLimit = 500

    /// What an endpoint did not take of a body must never become part of the next request.
    ///
    /// The proxy has all of the body when the answer comes. Whether the endpoint's socket had no
    /// room for the last of it is up to the kernel, so it is tried until that was so.
    @Test func `the rest of a body does not go out with the next request`() throws {
        let answer = Monitor(0)
        let sequels = Monitor(Sequels())
        let origin = try OriginServer(takesLittle: true) { exchange in
            if exchange.request.method == "POST" {
                let number = exchange.request["X-Number"].flatMap { Int($0) }
                try answer.wait(for: "the test") { $0 == number ? true : nil }
                return try exchange.send("HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n")
            }
            try exchange.respond(fields: ["Connection: close"])
            exchange.serveNoFurther()
            var surplus = 0
            while let bytes = try? exchange.reader.someBytes(), !bytes.isEmpty {
                surplus += bytes.count
            }
            sequels.use {
                $0.count += 1
                $0.surplusBytes += surplus
                if exchange.ordinal == 0 { $0.elsewhere += 1 }
            }
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }

        var tries = 0
        while sequels.current.elsewhere < Self.wanted, tries < Self.triesLimit {
            tries += 1
            let downstream = try proxy.connect()
            try downstream.send(
                "POST / HTTP/1.1\r\nHost: a\r\nX-Number: \(tries)\r\n"
                    + "Content-Length: \(Self.bodyBytes)\r\n\r\n"
                    + String(repeating: "x", count: Self.bodyBytes)
            )
            try origin.waitForRequests(2 * tries - 1)
            // Until the endpoint's socket is full, and the rest waits in the proxy.
            _ = poll(nil, 0, 10)
            answer.use { $0 = tries }
            #expect(try downstream.response(to: "POST").status == 413)
            #expect(try downstream.get("/next").status == 200)
            try sequels.wait(for: "the end of it") { $0.count == tries ? true : nil }
        }

        #expect(sequels.current.elsewhere == Self.wanted)
        #expect(sequels.current.surplusBytes == 0)
    }
}
