import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Webhook call")
struct WebhookCallTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func post(to origin: OriginServer, secretFile: String? = nil) throws -> Rollout.Finding
    {
        var hook = Config.Rollout.Webhook()
        hook.url = try #require(HTTPURL("http://\(origin.authority)/hook/T123?x=1"))
        hook.secretFile = secretFile
        return WebhookCall(hook: hook).post(["event": "test"])
    }

    @Test(arguments: [("200 OK", true), ("204 No Content", true), ("302 Found", false)])
    func `any 2xx is a yes`(status: String, isYes: Bool) throws {
        let origin = try OriginServer("hook") { exchange in
            try exchange.body()
            let length = status.hasPrefix("204") ? "" : "Content-Length: 0\r\n"
            try exchange.send("HTTP/1.1 \(status)\r\n\(length)\r\n")
        }

        #expect(try (post(to: origin) == .passed) == isYes)

        let request = try origin.onlyRequest()
        #expect(request.method == "POST")
        #expect(request.target == "/hook/T123?x=1")
        #expect(request["X-Switchyard-Signature"] == nil)
    }

    @Test func `the body is signed with what the file holds, without its line end`() throws {
        let origin = try OriginServer("hook")
        let file = try folder.write(" key\n", to: "secret")

        #expect(try post(to: origin, secretFile: file) == .passed)

        let request = try origin.onlyRequest()
        let code = SHA256.authenticationCode(of: request.body, key: Array("key".utf8))
        #expect(request["X-Switchyard-Signature"] == "sha256=\(code.hexadecimal)")
    }

    @Test func `without its secret nothing is sent, and the path is not told`() throws {
        let origin = try OriginServer("hook")

        guard case .failed(let reason) = try post(to: origin, secretFile: folder["none"]) else {
            Issue.record("it was sent")
            return
        }
        #expect(reason.contains("secret file cannot be read"))
        #expect(!reason.contains("T123"))
        #expect(origin.requests == [])
    }
}
