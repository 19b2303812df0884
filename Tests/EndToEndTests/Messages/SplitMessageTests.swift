import Proxy
import TestSupport
import Testing

@Suite("Messages in pieces")
struct SplitMessageTests {
    /// Answers once every worker has read what was sent before.
    ///
    /// A worker serves its sockets in the order in which they became ready, so a later exchange on
    /// the same worker ends after an earlier piece was read; eight connections reach both workers.
    private static func settle(_ others: [RawDownstream]) throws {
        for other in others { _ = try other.get("/settle") }
    }

    @Test func `a request cut at any byte is understood`() throws {
        let origin = try OriginServer { exchange in
            let body = String(decoding: try exchange.body(), as: UTF8.self)
            try exchange.respond(body: exchange.request.target + body)
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let request = Array(
            """
            POST /cut HTTP/1.1\r
            Host: a\r
            Transfer-Encoding: chunked\r
            \r
            4\r
            body\r
            0\r
            \r\n
            """.utf8
        )
        let others = try (0..<8).map { _ in try proxy.connect() }
        let cuts = 1..<request.count
        let downstreams = try cuts.map { _ in try proxy.connect() }

        for (downstream, cut) in zip(downstreams, cuts) {
            try downstream.send(Array(request[..<cut]))
        }
        try Self.settle(others)
        for (downstream, cut) in zip(downstreams, cuts) {
            try downstream.send(Array(request[cut...]))
        }
        let texts = try downstreams.map { try $0.response(to: "POST").text }

        #expect(texts == cuts.map { _ in "/cutbody" })
    }

    @Test func `a request that comes byte by byte is understood`() throws {
        let origin = try OriginServer { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        let others = try (0..<4).map { _ in try proxy.connect() }

        for byte in "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n".utf8 {
            try downstream.send([byte])
            try Self.settle(others)
        }

        #expect(try downstream.response().text == "/slow")
    }

    @Test func `a response cut at any byte is understood`() throws {
        let response = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-T: 1\r\n\r\n"
                .utf8
        )
        let second = Gate()
        let firsts = Monitor(0)
        let origin = try OriginServer { exchange in
            try exchange.body()
            guard let cut = Int(exchange.request.target.dropFirst()) else {
                return try exchange.respond()
            }
            try exchange.send(response[..<cut])
            firsts.use { $0 += 1 }
            try second.pass()
            try exchange.send(response[cut...])
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let others = try (0..<8).map { _ in try proxy.connect() }
        let cuts = 1..<response.count

        let downstreams = try cuts.map { cut in
            let downstream = try proxy.connect()
            try downstream.send("GET /\(cut) HTTP/1.1\r\nHost: a\r\n\r\n")
            return downstream
        }
        try firsts.wait(for: "all first pieces") { $0 == cuts.count ? true : nil }
        try Self.settle(others)
        second.open()
        let responses = try downstreams.map { try $0.response() }

        #expect(responses.allSatisfy { $0.text == "body" })
        #expect(responses.allSatisfy { $0.trailers == [HTTPField("X-T", "1")] })
    }
}
