import Proxy
import Testing

@testable import Admin

@Suite("Admin requests")
struct AdminRequestTests {
    private func read(_ wire: String) -> AdminRequest? {
        let reading = MessageReader.read(Array(wire.utf8), bodyLimitBytes: 100)
        guard case .complete(let plain, _) = reading else { return nil }
        return AdminRequest(plain, peer: "10.0.0.7")
    }

    @Test func `path, parameters, fields and body are taken apart`() throws {
        let request = try #require(
            read(
                "POST /metrics/slots/blue?service=back%2Dend&a=1+2&flag&b=%zz HTTP/1.1\r\n"
                    + "Host: localhost\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\n{}"
            )
        )

        #expect(request.method == "POST")
        #expect(request.path == "/metrics/slots/blue")
        #expect(request.parameter("service") == "back-end")
        #expect(request.parameter("a") == "1 2")
        #expect(request.parameter("flag") == "")
        #expect(request.parameter("b") == "%zz")
        #expect(request.parameter("c") == nil)
        #expect(request.field("x-a") == "1, 2")
        #expect(request.field("host") == "localhost")
        #expect(request.field("accept") == nil)
        #expect(request.body == Array("{}".utf8))
        #expect(request.peer == "10.0.0.7")
    }
}
