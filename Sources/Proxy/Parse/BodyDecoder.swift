/// Finds the end of one message body; it counts bytes and never holds them (RFC 9112 §6.3).
enum BodyDecoder: Equatable {
    case length(remaining: UInt64)
    case chunked(ChunkedDecoder)
    case untilClose
    case complete

    init(_ framing: BodyFraming) {
        switch framing {
        case .none, .length(0): self = .complete
        case .length(let count): self = .length(remaining: count)
        case .chunked: self = .chunked(ChunkedDecoder())
        case .untilClose: self = .untilClose
        }
    }

    /// Whether the whole body was taken; one that ends with its connection never is.
    var isComplete: Bool {
        if case .complete = self { true } else { false }
    }

    /// Takes the next bytes of the connection; returns how many of them belong to this body.
    ///
    /// - Throws: when the bytes are no chunks; the decoder must not be used again then.
    @inline(__always)
    mutating func take(_ bytes: Span<UInt8>) throws(ParseError) -> Int {
        switch self {
        case .length(let remaining): takeLength(bytes.count, remaining)
        case .untilClose: bytes.count
        case .complete: 0
        case .chunked(var decoder): try takeChunks(bytes, &decoder)
        }
    }

    /// What a run of bytes is to the endpoint that a request's body goes to.
    struct Passed: Equatable {
        /// Bytes that belong to this body.
        var taken: Int
        /// How many of them go out, from the first on; the others are trailers.
        var count: Int
        /// The empty line that ends the chunks has to follow them.
        var needsEnd = false
    }

    /// As `take`, and leaves the trailers of a request behind (RFC 9110 §6.5.1 permits it).
    ///
    /// Some applications take them for fields of the request, of the next one on the connection,
    /// or for a request of their own.
    @inline(__always)
    mutating func takeRequest(_ bytes: Span<UInt8>) throws(ParseError) -> Passed {
        guard case .chunked(let decoder) = self else {
            let taken = try take(bytes)
            return Passed(taken: taken, count: taken)
        }
        return try takeRequestChunks(bytes, decoder)
    }

    private mutating func takeRequestChunks(
        _ bytes: Span<UInt8>,
        _ earlier: ChunkedDecoder
    ) throws(ParseError) -> Passed {
        var decoder = earlier
        let consumed = try takeChunks(bytes, &decoder)
        let trailers = Int(decoder.trailerBytes - earlier.trailerBytes)
        // Nearly always the section is the empty line alone, and all of it is here.
        if decoder.isComplete, decoder.trailerBytes == 2, trailers == 2 {
            return Passed(taken: consumed, count: consumed)
        }
        return Passed(
            taken: consumed,
            count: consumed - trailers,
            needsEnd: decoder.isComplete
        )
    }

    /// As `take`, and moves the payload to the front of `bytes`, without what chunks add to it.
    ///
    /// For downstreams of HTTP/1.0, which know no chunks.
    mutating func unchunk(
        _ bytes: inout MutableSpan<UInt8>
    ) throws(ParseError) -> (consumed: Int, kept: Int) {
        guard case .chunked(var decoder) = self else {
            let count = try take(bytes.span)
            return (count, count)
        }
        var (consumed, kept) = (0, 0)
        while consumed < bytes.count, !decoder.isComplete {
            let data = try decoder.nextData(bytes.span, from: &consumed)
            bytes.move(data, to: kept)
            kept += data.count
        }
        self = decoder.isComplete ? .complete : .chunked(decoder)
        return (consumed, kept)
    }

    @inline(__always)
    private mutating func takeLength(_ available: Int, _ remaining: UInt64) -> Int {
        let taken = min(UInt64(available), remaining)
        self = taken == remaining ? .complete : .length(remaining: remaining &- taken)
        return Int(taken)
    }

    private mutating func takeChunks(
        _ bytes: Span<UInt8>,
        _ decoder: inout ChunkedDecoder
    ) throws(ParseError) -> Int {
        var consumed = 0
        while consumed < bytes.count, !decoder.isComplete {
            _ = try decoder.nextData(bytes, from: &consumed)
        }
        self = decoder.isComplete ? .complete : .chunked(decoder)
        return consumed
    }
}

extension MutableSpan<UInt8> {
    /// Moves a run of bytes down to `target`; the two may overlap.
    fileprivate mutating func move(_ source: Range<Int>, to target: Int) {
        precondition(target <= source.lowerBound && source.upperBound <= count, "moved outside")
        if target == source.lowerBound || source.isEmpty { return }
        // The check above keeps both runs inside; copyMemory allows them to overlap.
        unsafe withUnsafeMutableBytes { memory in
            let from = unsafe UnsafeRawBufferPointer(rebasing: memory[source])
            let to = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[target...])
            unsafe to.copyMemory(from: from)
        }
    }
}
