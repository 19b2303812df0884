import CLinux
import Glibc
import Proxy

/// A client that sends exactly the bytes it is told to and reads strictly.
///
/// Belongs to one thread at a time. Whatever does not arrive fails the test by a deadline.
package final class RawDownstream {
    package let wire: Wire
    private let reader: MessageReader

    /// Connects; `source` is another loopback address to come from.
    package init(
        port: UInt16,
        host: String = "127.0.0.1",
        source: String? = nil,
        receiveBufferBytes: Int32? = nil,
        readerBytes: Int = 16 * 1024
    ) throws {
        wire = Wire(
            adopting: try LoopbackSocket.connected(
                host: host,
                port: port,
                source: source,
                receiveBufferBytes: receiveBufferBytes
            )
        )
        reader = MessageReader(wire, bufferBytes: readerBytes)
    }

    package func send(_ text: String) throws { try wire.send(text) }

    package func send(_ bytes: [UInt8]) throws { try wire.send(bytes) }

    package func finishSending() { wire.finishSending() }

    package func reset() { wire.reset() }

    package func close() { wire.close() }

    /// Sends a request and reads the response to it.
    package func exchange(_ request: String) throws -> HTTPResponse {
        try send(request)
        return try response(to: String(request.prefix { $0 != " " }))
    }

    package func get(_ target: String, _ fields: String...) throws -> HTTPResponse {
        let lines = fields.map { $0 + "\r\n" }.joined()
        return try exchange("GET \(target) HTTP/1.1\r\nHost: test.example\r\n\(lines)\r\n")
    }

    // MARK: Reading

    /// The next final response, whole, with what came before it.
    package func response(to method: String = "GET") throws -> HTTPResponse {
        var interim: [HTTPResponse] = []
        while true {
            var response = try responseHead(to: method)
            if response.status < 200, response.status != 101 {
                interim.append(response)
                continue
            }
            response.interim = interim
            response.trailers = try reader.body(response.framing) { response.body += $0 }
            return response
        }
    }

    /// The next head, of an interim response too; its body is left to be read.
    package func responseHead(to method: String = "GET") throws -> HTTPResponse {
        guard let head = try reader.head() else {
            throw WireFailure.closedEarly(after: "no byte of a response")
        }
        return try HTTPResponse(head, toMethod: method)
    }

    /// Hands the body that belongs to `response` to `sink` piece by piece.
    @discardableResult
    package func readBody(
        of response: HTTPResponse,
        _ sink: (ArraySlice<UInt8>) throws -> Void
    ) throws -> [HTTPField] {
        try reader.body(response.framing, sink)
    }

    package func bytes(_ count: Int) throws -> [UInt8] { try reader.bytes(count) }

    /// All bytes up to the end of the stream; throws on a reset.
    package func bytesUntilEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        try reader.body(.untilClose) { all += $0 }
        return all
    }

    /// Waits until the other side has closed; throws when it sends something before.
    package func expectEnd() throws {
        let rest: [UInt8]
        do { rest = try bytesUntilEnd() } catch WireFailure.reset {
            // Closed with bytes of ours unread, which TCP tells by a reset.
            return
        }
        guard rest.isEmpty else {
            throw TestFailure("bytes before the end: \(String(decoding: rest, as: UTF8.self))")
        }
    }
}
