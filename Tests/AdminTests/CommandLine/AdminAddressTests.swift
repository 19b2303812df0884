import Testing

@testable import Admin

@Suite("Admin address")
struct AdminAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1", "8081", "127.0.0.1:8081"),
        ("http://localhost:8081/", "localhost", "8081", "localhost:8081"),
        ("switchyard:9", "switchyard", "9", "switchyard:9"),
        ("http://[::1]:8081", "::1", "8081", "[::1]:8081"),
        ("http://example.org", "example.org", "80", "example.org"),
        ("http://[::1]", "::1", "80", "[::1]"),
    ])
    func `an address is read`(text: String, host: String, port: String, authority: String) throws {
        let address = try AdminAddress(text)

        #expect(address.place == .network(host: host, port: port))
        #expect(address.authority == authority)
    }

    @Test func `a socket's path is read`() throws {
        #expect(try AdminAddress("unix:/run/admin.sock").place == .unix(path: "/run/admin.sock"))
    }

    @Test(arguments: [
        "", "http://", ":8081", "http://a:0", "http://a:99999", "http://a:b", "http://a/b",
        "http://a b", "http://user@a", "unix:relative", "http://a\r\nX: y",
    ])
    func `anything else is refused with an example`(text: String) {
        #expect {
            try AdminAddress(text)
        } throws: { error in
            (error as? UsageFailure)?.message.contains("write http://127.0.0.1:8081") == true
        }
    }

    @Test func `https is refused by name`() {
        #expect(throws: UsageFailure.self) { try AdminAddress("https://localhost:8081") }
    }
}
