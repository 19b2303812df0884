import Proxy
import Testing

@testable import Admin

@Suite("Admin connections")
struct AdminServerTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    @Test func `a connection serves one request after the other, pipelined too`() throws {
        let answer = try yard.exchange(
            "GET /active-slot HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "GET /inactive-slot HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.contains("\r\n\r\nblue\nHTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\ngreen\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
    }

    @Test func `a body may come in chunks and after a 100`() throws {
        let answer = try yard.exchange(
            "POST /switch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "8\r\n{\"slot\":\r\n8\r\n\"green\"}\r\n0\r\n\r\n"
        )

        #expect(answer.contains("HTTP/1.1 200 OK\r\n"))
        #expect(yard.server.routing.active == SlotID(1))
    }

    @Test(arguments: [
        ("POST /switch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n", 413),
        ("GET /status HTTP/1.1\r\n\r\n", 400),
        (
            "POST /switch/green HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("BREW /pot HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
    ])
    func `what has no single reading or is too large is refused, and the connection ends`(
        wire: String,
        status: Int
    ) throws {
        let answer = try yard.exchange(wire + "GET /active-slot HTTP/1.1\r\nHost: a\r\n\r\n")

        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(!answer.contains("blue\n"))
        #expect(yard.server.routing.generation == 1)
    }

    @Test func `more connections than threads are all served`() async throws {
        let yard = yard
        let answers = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<(3 * AdminServer.connectionLimit) {
                group.addTask { try? yard.ask("GET", "/active-slot").text }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }

        #expect(answers == Array(repeating: "blue\n", count: 3 * AdminServer.connectionLimit))
    }

    @Test func `a taken address is told in one sentence`() throws {
        var config = Config.Admin()
        config.address = "127.0.0.1:\(yard.port)"
        config.bind = .loopback(port: yard.port)

        #expect {
            try AdminServer(config: config, control: yard.control)
        } throws: { error in
            (error as? StartFailure)?.message.contains("in use by another program") == true
        }
    }
}
