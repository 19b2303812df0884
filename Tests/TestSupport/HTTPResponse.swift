/// A response as a test's client read it.
package struct HTTPResponse: Sendable, Equatable {
    package let head: MessageHead
    package let version: String
    package let status: Int
    package let framing: MessageFraming
    /// What came before it: 100, 103 and the like.
    package var interim: [HTTPResponse] = []
    package var body: [UInt8] = []
    package var trailers: [HTTPField] = []

    /// Takes a head apart; throws when it is not one a client could rely on.
    init(_ head: MessageHead, toMethod method: String) throws {
        let parts = head.startLine.split(
            separator: " ",
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, ["HTTP/1.1", "HTTP/1.0"].contains(parts[0]), parts[1].count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw WireFailure.malformed("status line \(head.startLine)") }
        self.head = head
        version = String(parts[0])
        self.status = status
        let told = try head.framing()
        // RFC 9110 §8.6, RFC 9112 §6.1: neither may be there.
        if status < 200 || status == 204, told != nil {
            throw WireFailure.malformed("a length in \(head.startLine)")
        }
        switch (status, method) {
        case (..<200, _), (204, _), (304, _), (_, "HEAD"): framing = .none
        case (200..<300, "CONNECT"): framing = .none
        default: framing = told ?? .untilClose
        }
    }

    /// The first value of a field.
    package subscript(name: String) -> String? { head[name] }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the server says that it closes the connection after this response.
    package var saysClose: Bool {
        let options = head.members("Connection")
        return options.contains("close")
            || (version == "HTTP/1.0" && !options.contains("keep-alive"))
    }
}
