import Proxy
import Testing

@testable import Admin

@Suite("Origin guard")
struct OriginGuardTests {
    private static let loopback = OriginGuard(bind: .loopback(port: 8_081))
    private static let network = OriginGuard(
        bind: .ip(IPAddress(v4: 0x0A00_0007), port: 8_081)
    )

    private func isRefused(
        _ fields: [(name: String, value: String)],
        by guardian: OriginGuard = loopback
    ) -> Bool {
        var request = AdminRequest(method: "POST", path: "/switch/green")
        request.fields = fields
        return guardian.refusal(request)?.status == 403
    }

    @Test(arguments: [
        "127.0.0.1:8081", "localhost:8081", "LOCALHOST", "[::1]:8081", "127.9.9.9", "a.localhost",
    ])
    func `the machine's own names are allowed on loopback`(host: String) {
        #expect(!isRefused([("host", host)]))
    }

    @Test(arguments: [
        "evil.example:8081", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.7:8081",
        "[::2]", "",
    ])
    func `a foreign name is refused on loopback: DNS rebinding`(host: String) {
        #expect(isRefused([("host", host)]))
    }

    @Test func `any name is allowed where a token is needed anyway`() {
        #expect(!isRefused([("host", "switchyard.example:8081")], by: Self.network))
    }

    @Test(arguments: [
        "http://evil.example", "null", "http://localhost:3000", "https://localhost:8081.evil",
        "http://127.0.0.1:8081", "",
    ])
    func `a page of another origin is refused`(origin: String) {
        #expect(isRefused([("host", "localhost:8081"), ("origin", origin)]))
        #expect(
            isRefused([("host", "switchyard.example"), ("origin", origin)], by: Self.network)
        )
    }

    @Test func `a page of the admin port itself is allowed`() {
        #expect(
            !isRefused([
                ("host", "localhost:8081"), ("origin", "http://localhost:8081"),
                ("sec-fetch-site", "same-origin"),
            ])
        )
    }

    @Test(arguments: [("cross-site", true), ("same-site", true), ("none", false)])
    func `a browser's own word on the site counts`(site: String, isRefused expected: Bool) {
        #expect(isRefused([("host", "localhost"), ("sec-fetch-site", site)]) == expected)
    }

    @Test func `a request without any of these fields is no browser's`() {
        #expect(!isRefused([]))
    }
}
