/// Counts the responses in a stream of bytes, however it is cut; it keeps no body.
struct ResponseReader: Equatable {
    /// Where in a response the stream stands.
    enum Stage: Equatable {
        case statusLine
        case fields
        case body(remaining: Int)
        case chunkSize
        /// Bytes of the chunk and of the line end after it.
        case chunk(remaining: Int)
        case trailer
    }

    /// A response that a benchmark does not expect.
    struct Unexpected: Error, Equatable {
        let reason: String
    }

    private enum Framing: Equatable {
        case length(Int)
        case chunked
        case missing
    }

    private(set) var stage = Stage.statusLine
    private var framing = Framing.missing
    /// The start of a line whose end has not been read.
    private var partialLine: [UInt8] = []

    /// Whether no response is half read.
    var isBetweenResponses: Bool { stage == .statusLine && partialLine.isEmpty }

    /// Bytes that are certain to be body and may be thrown away unread.
    var discardableBytes: Int {
        switch stage {
        case .body(let remaining): remaining
        default: 0
        }
    }

    /// Takes note that `count` discardable bytes were thrown away; returns the responses ended.
    mutating func discard(_ count: Int) -> Int {
        guard case .body(let remaining) = stage, count <= remaining else {
            preconditionFailure("discarded \(count) bytes in \(stage)")
        }
        stage = count == remaining ? .statusLine : .body(remaining: remaining - count)
        return count == remaining ? 1 : 0
    }

    /// Reads on through `bytes` and returns how many responses ended in them.
    mutating func read(_ bytes: borrowing Span<UInt8>) throws(Unexpected) -> Int {
        var ended = 0
        var position = 0
        while position < bytes.count {
            let available = bytes.count - position
            switch stage {
            case .body(let remaining):
                let taken = min(remaining, available)
                position += taken
                ended += discard(taken)
            case .chunk(let remaining):
                let taken = min(remaining, available)
                position += taken
                stage = taken == remaining ? .chunkSize : .chunk(remaining: remaining - taken)
            case .statusLine, .fields, .chunkSize, .trailer:
                let start = position
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
                for index in start..<position { partialLine.append(bytes[index]) }
                guard position < bytes.count else { return ended }
                position += 1
                if partialLine.last == 0x0D { partialLine.removeLast() }
                if try takeLine() { ended += 1 }
                partialLine.removeAll(keepingCapacity: true)
            }
        }
        return ended
    }

    /// Acts on the whole line in `partialLine`; true when a response ends with it.
    private mutating func takeLine() throws(Unexpected) -> Bool {
        switch stage {
        case .statusLine:
            // "HTTP/1.1 200": the status stands at 9.
            guard partialLine.count >= 12, partialLine[9..<12].elementsEqual("200".utf8) else {
                throw Unexpected(reason: String(decoding: partialLine, as: UTF8.self))
            }
            framing = .missing
            stage = .fields
        case .fields where partialLine.isEmpty: return try endHead()
        case .fields: readField()
        case .chunkSize:
            guard let size = Self.number(partialLine[...], radix: 16) else {
                throw Unexpected(reason: "a chunk without a size")
            }
            stage = size == 0 ? .trailer : .chunk(remaining: size + 2)
        case .trailer:
            guard partialLine.isEmpty else { return false }
            stage = .statusLine
            return true
        case .body, .chunk: preconditionFailure("a line in \(stage)")
        }
        return false
    }

    private mutating func endHead() throws(Unexpected) -> Bool {
        switch framing {
        case .length(0):
            stage = .statusLine
            return true
        case .length(let bytes): stage = .body(remaining: bytes)
        case .chunked: stage = .chunkSize
        case .missing: throw Unexpected(reason: "a response without a length")
        }
        return false
    }

    private mutating func readField() {
        if let value = value(of: "content-length:") {
            framing = Self.number(value, radix: 10).map { .length($0) } ?? .missing
        } else if let value = value(of: "transfer-encoding:"), value.elementsEqual("chunked".utf8) {
            framing = .chunked
        }
    }

    private func value(of name: StaticString) -> ArraySlice<UInt8>? {
        let count = name.utf8CodeUnitCount
        guard partialLine.count > count, partialLine[count - 1] == UInt8(ascii: ":") else {
            return nil
        }
        for index in 0..<count - 1 {
            let expected = unsafe name.utf8Start[index]
            guard partialLine[index] | 0x20 == expected | 0x20 else { return nil }
        }
        return partialLine[count...].drop { $0 == UInt8(ascii: " ") }
    }

    /// The number that `digits` start with, or nil when there is none.
    private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> Int? {
        var number: Int?
        for digit in digits {
            let value: Int
            switch digit {
            case 0x30...0x39: value = Int(digit) - 0x30
            case 0x41...0x46 where radix == 16, 0x61...0x66 where radix == 16:
                value = Int(digit | 0x20) - 0x61 + 10
            default: return number
            }
            number = (number ?? 0) &* radix &+ value
        }
        return number
    }
}
