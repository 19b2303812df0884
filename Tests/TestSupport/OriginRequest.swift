/// A request as an origin received it.
package struct OriginRequest: Sendable, Equatable {
    package let head: MessageHead
    package let method: String
    package let target: String
    package let framing: MessageFraming
    /// The body without its framing; only what the origin read.
    package internal(set) var body: [UInt8] = []
    /// The body as it came, with chunk sizes and trailers.
    package internal(set) var bodyOnWire: [UInt8] = []
    package internal(set) var trailers: [HTTPField] = []
    /// Whether the body was read to its end.
    package internal(set) var isComplete = false

    /// Takes a head apart; throws when it is not one a server could rely on.
    init(_ head: MessageHead) throws {
        let parts = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "HTTP/1.1", !parts[0].isEmpty, !parts[1].isEmpty else {
            throw WireFailure.malformed("request line \(head.startLine)")
        }
        guard head.values("Host").count == 1 else {
            throw WireFailure.malformed("\(head.values("Host").count) Host fields")
        }
        self.head = head
        method = String(parts[0])
        target = String(parts[1])
        framing = try head.framing() ?? .none
    }

    /// The first value of a field.
    package subscript(name: String) -> String? { head[name] }
}
