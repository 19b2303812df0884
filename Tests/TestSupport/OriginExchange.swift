/// One request at an origin, and the means to answer it in any way, right or wrong.
///
/// Belongs to the thread of its connection.
package final class OriginExchange {
    package let request: OriginRequest
    /// The origin's name, which it answers with.
    package let originName: String
    /// Its place on its connection, from 0.
    package let ordinal: Int
    package let wire: Wire
    /// The stream below the messages, for what comes after an upgrade.
    package let reader: MessageReader

    private let record: (OriginRequest) -> Void
    private var isBodyRead = false
    /// Whether the connection serves no request after this one.
    private(set) var isLast = false

    /// Bodies up to here are kept for the test to look at.
    private static let keptBodyBytes = 4 * 1024 * 1024

    init(
        request: OriginRequest,
        originName: String,
        ordinal: Int,
        wire: Wire,
        reader: MessageReader,
        record: @escaping (OriginRequest) -> Void
    ) {
        self.request = request
        self.originName = originName
        self.ordinal = ordinal
        self.wire = wire
        self.reader = reader
        self.record = record
    }

    // MARK: Request

    /// The whole body, which is kept in the origin's record.
    @discardableResult
    package func body() throws -> [UInt8] {
        var complete = request
        reader.startTape()
        do {
            complete.trailers = try readBody { piece in
                guard complete.body.count < Self.keptBodyBytes else { return }
                complete.body += piece
            }
            complete.isComplete = true
        } catch {
            complete.bodyOnWire = reader.endTape()
            record(complete)
            throw error
        }
        complete.bodyOnWire = reader.endTape()
        record(complete)
        return complete.body
    }

    /// Hands the body to `sink` and keeps nothing of it.
    @discardableResult
    package func readBody(_ sink: (ArraySlice<UInt8>) throws -> Void) throws -> [HTTPField] {
        isBodyRead = true
        return try reader.body(request.framing, sink)
    }

    /// Reads what the behaviour left, so that the next request starts at the right byte.
    func finishRequest() throws {
        if !isBodyRead, !isLast { try body() }
    }

    // MARK: Response

    package func send(_ text: String) throws { try wire.send(text) }

    package func send(_ bytes: [UInt8]) throws { try wire.send(bytes) }

    package func send(_ bytes: ArraySlice<UInt8>) throws { try wire.send(bytes) }

    /// Answers with a length, after reading the body.
    package func respond(
        _ status: String = "200 OK",
        fields: [String] = [],
        body: String = ""
    ) throws {
        try respond(status, fields: fields, body: Array(body.utf8))
    }

    package func respond(
        _ status: String = "200 OK",
        fields: [String] = [],
        body: [UInt8]
    ) throws {
        if !isBodyRead { try self.body() }
        let lines = (fields + ["X-Origin: \(originName)", "Content-Length: \(body.count)"])
            .map { $0 + "\r\n" }.joined()
        let head = Array("HTTP/1.1 \(status)\r\n\(lines)\r\n".utf8)
        try send(request.method == "HEAD" ? head : head + body)
    }

    package func sendChunk(_ bytes: ArraySlice<UInt8>) throws {
        try send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A])
    }

    package func sendChunk(_ text: String) throws { try sendChunk(Array(text.utf8)[...]) }

    // MARK: Ending

    /// Ends the stream after this exchange.
    package func close() {
        isLast = true
        wire.close()
    }

    /// Resets the connection now.
    package func reset() {
        isLast = true
        wire.reset()
    }

    /// Does nothing until the other side gives the connection up.
    package func waitForEnd() {
        isLast = true
        while let bytes = try? reader.someBytes(), !bytes.isEmpty {}
    }

    /// Leaves the connection as it is, and serves no request on it any more.
    package func serveNoFurther() { isLast = true }
}
