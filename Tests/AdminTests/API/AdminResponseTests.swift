import Testing
import Proxy

@testable import Admin

@Suite("Admin responses")
struct AdminResponseTests {
    private static let now = Timestamp(seconds: 784_111_777)

    private func wire(_ response: AdminResponse, isHead: Bool = false) -> String {
        String(
            decoding: response.wire(keepsAlive: true, isHead: isHead, now: Self.now),
            as: UTF8.self
        )
    }

    @Test func `a response has a date, a length and its fields`() {
        let text = wire(AdminResponse.text("blue").with("ETag", "\"7\""))

        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
        #expect(text.contains("\r\nContent-Length: 5\r\n"))
        #expect(text.contains("\r\nETag: \"7\"\r\n"))
        #expect(text.hasSuffix("\r\n\r\nblue\n"))
    }

    @Test func `a response to HEAD has the length but no body`() {
        let text = wire(.text("blue"), isHead: true)

        #expect(text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `a refusal is one sentence of JSON`() throws {
        let response = AdminResponse.refusal(AdminRefusal(409, "not \"now\""))

        #expect(response.status == 409)
        #expect(try JSONParser.parse(response.body)["error"]?.string == "not \"now\"")
    }
}
