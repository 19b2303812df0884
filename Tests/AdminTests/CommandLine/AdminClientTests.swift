import Testing

@testable import Admin

@Suite("Admin client")
struct AdminClientTests {
    private static let wire = "HTTP/1.1 409 Conflict\r\nDate: x\r\nContent-Length: 2\r\n\r\n{}"

    @Test func `a whole answer is read`() throws {
        let answer = try #require(AdminClient.answer(Array(Self.wire.utf8)))

        #expect(answer.status == 409)
        #expect(answer.json?.members == [])
        #expect(!answer.isDone)
    }

    @Test func `an answer that is cut anywhere is none`() {
        let bytes = Array(Self.wire.utf8)

        for count in 0..<bytes.count {
            #expect(AdminClient.answer(Array(bytes[..<count])) == nil, "\(count) bytes")
        }
    }

    @Test func `a port that nobody listens on is unreachable, and the message says what to do`()
        throws
    {
        let client = AdminClient(address: try AdminAddress("http://127.0.0.1:1"), token: nil)

        #expect {
            try client.ask("GET", "/status")
        } throws: { error in
            let message = (error as? AdminClient.Unreachable)?.message ?? ""
            return message.contains("Connection refused") && message.contains("--admin URL")
        }
    }
}
