import Testing

@testable import Admin

@Suite("Admin client")
struct AdminClientTests {
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
