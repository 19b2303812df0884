/// Reads HTTP/1.1 messages from a wire, strictly, and without anything of the product's parser.
///
/// Invariant: `buffer[start..<end]` was received and not yet taken.
package final class MessageReader {
    /// Generous: the tests of the product's own limits need room above them.
    private static let lineLimitBytes = 128 * 1024

    private let wire: Wire
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    /// Every byte taken since `startTape`; nil while nothing is recorded.
    private var tape: [UInt8]?

    package init(_ wire: Wire, bufferBytes: Int = 16 * 1024) {
        self.wire = wire
        buffer = [UInt8](repeating: 0, count: bufferBytes)
    }

    /// Reads messages that are here already.
    package convenience init(of bytes: [UInt8]) throws {
        let (near, far) = try Wire.pair()
        // Both ends hold what a test sends at a time.
        try far.send(bytes)
        far.close()
        self.init(near)
    }

    // MARK: Heads

    /// The next head; nil when the stream ends before its first byte.
    package func head() throws -> MessageHead? {
        guard let startLine = try line(what: "the start line") else { return nil }
        var bytes = startLine + [0x0D, 0x0A]
        let fields = try fieldLines { bytes += $0 + [0x0D, 0x0A] }
        return MessageHead(
            bytes: bytes,
            startLine: String(decoding: startLine, as: UTF8.self),
            fields: fields
        )
    }

    /// Passes over one empty line, where there is one (RFC 9112 §2.2).
    package func passEmptyLine() throws {
        while end - start < 2 { guard try fill(for: "an empty line") else { return } }
        if buffer[start] == 0x0D, buffer[start + 1] == 0x0A { _ = take(2) }
    }

    /// Field lines up to and with the empty line after them.
    private func fieldLines(_ each: ([UInt8]) -> Void = { _ in }) throws -> [HTTPField] {
        var fields: [HTTPField] = []
        while true {
            guard let line = try line(what: "a field line") else {
                throw WireFailure.closedEarly(after: "\(fields.count) field lines")
            }
            each(line)
            if line.isEmpty { return fields }
            fields.append(try Self.field(line))
        }
    }

    private static func field(_ line: [UInt8]) throws -> HTTPField {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy(isTokenByte)
        else { throw WireFailure.malformed("field line \(String(decoding: line, as: UTF8.self))") }
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
        return HTTPField(String(decoding: line[..<colon], as: UTF8.self), value.trimmingBlanks())
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// One line without its CRLF; nil when the stream ends before its first byte.
    private func line(what: String) throws -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if let feed = buffer[start..<end].firstIndex(of: 0x0A) {
                line += take(feed + 1 - start)
                break
            }
            line += take(end - start)
            guard line.count < Self.lineLimitBytes else {
                throw WireFailure.malformed("a line without end")
            }
            guard try fill(for: "\(what), after \(String(decoding: line, as: UTF8.self))") else {
                if line.isEmpty { return nil }
                throw WireFailure.closedEarly(after: String(decoding: line, as: UTF8.self))
            }
        }
        line.removeLast()
        guard line.popLast() == 0x0D, !line.contains(where: { $0 == 0x0D || $0 == 0 }) else {
            throw WireFailure.malformed("line end of \(String(decoding: line, as: UTF8.self))")
        }
        return line
    }

    // MARK: Bodies

    /// Hands the body to `sink` piece by piece and answers the trailers.
    @discardableResult
    package func body(
        _ framing: MessageFraming,
        _ sink: (ArraySlice<UInt8>) throws -> Void
    ) throws -> [HTTPField] {
        switch framing {
        case .none: return []
        case .length(let count):
            try bytes(count, sink)
            return []
        case .untilClose:
            while try end > start || fill(for: "the rest of the body") {
                try sink(take(end - start))
            }
            return []
        case .chunked:
            while true {
                let size = try chunkSize()
                if size == 0 { return try fieldLines() }
                try bytes(size, sink)
                guard try line(what: "the end of a chunk") == [] else {
                    throw WireFailure.malformed("a chunk longer than its size")
                }
            }
        }
    }

    private func chunkSize() throws -> Int {
        guard let line = try line(what: "a chunk size") else {
            throw WireFailure.closedEarly(after: "a chunk")
        }
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        guard digits.count <= 15, let first = digits.first, first != UInt8(ascii: "+"),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0
        else {
            throw WireFailure.malformed("chunk size \(String(decoding: line, as: UTF8.self))")
        }
        return size
    }

    /// Exactly `count` bytes.
    package func bytes(_ count: Int, _ sink: (ArraySlice<UInt8>) throws -> Void) throws {
        var left = count
        while left > 0 {
            if start == end, try !fill(for: "\(left) bytes of \(count)") {
                throw WireFailure.closedEarly(after: "\(count - left) bytes of \(count)")
            }
            let piece = take(min(left, end - start))
            left -= piece.count
            try sink(piece)
        }
    }

    /// Exactly `count` bytes.
    package func bytes(_ count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        try bytes(count) { all += $0 }
        return all
    }

    /// Whatever is there, at least one byte; empty at the end of the stream.
    package func someBytes() throws -> [UInt8] {
        if start == end, try !fill(for: "any byte") { return [] }
        return Array(take(end - start))
    }

    // MARK: Recording

    /// Begins to keep what is taken.
    package func startTape() { tape = [] }

    /// What was taken since `startTape`.
    package func endTape() -> [UInt8] {
        defer { tape = nil }
        return tape ?? []
    }

    // MARK: Buffer

    private func take(_ count: Int) -> ArraySlice<UInt8> {
        let piece = buffer[start..<start + count]
        start += count
        if tape != nil { tape?.append(contentsOf: piece) }
        return piece
    }

    /// Receives more; false at the end of the stream.
    private func fill(for what: @autoclosure () -> String) throws -> Bool {
        if start == end {
            start = 0
            end = 0
        }
        precondition(end < buffer.count, "lines and bodies are taken as they come")
        let count = try wire.receive(
            into: &buffer,
            at: end..<buffer.count,
            until: Deadline(),
            for: what()
        )
        end += count
        return count > 0
    }
}
