/// Walks through chunks and trailers, strictly and from any byte on (RFC 9112 §7.1).
struct ChunkedDecoder: Equatable {
    /// Hexadecimal digits of a chunk's size.
    static let sizeDigitLimit = 16
    /// Bytes behind the size of one chunk, from the semicolon on; nobody is known to use any.
    static let extensionLimitBytes = 256
    /// The trailer section with its line ends; as much as a target may have.
    static let trailersLimitBytes = 8 * 1024
    /// Lines of the trailer section; as many as fields in a head by default.
    static let trailerLinesLimit = 100

    /// What the next byte belongs to.
    private enum State: UInt8 {
        case firstSizeDigit, size, chunkExtension, sizeLineFeed
        case data, dataCarriageReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed
        case complete
    }

    private var state = State.firstSizeDigit
    /// Digits of the size or bytes of the extension, or lines of the trailer section.
    private var count: UInt16 = 0
    /// Bytes of the trailer section so far, with the empty line that ends it.
    private(set) var trailerBytes: UInt16 = 0
    /// The chunk's size, then what is left of its data; in a trailer's name, the hash of it.
    private var value: UInt64 = 0

    var isComplete: Bool { state == .complete }

    /// Goes on from `offset` to the end of the next run of data, of the body or of `bytes`.
    ///
    /// - Returns: the run of data; empty when none came.
    @inline(__always)
    mutating func nextData(
        _ bytes: Span<UInt8>,
        from offset: inout Int
    ) throws(ParseError) -> Range<Int> {
        while offset < bytes.count, state != .complete {
            if state == .data {
                let taken = Int(min(value, UInt64(bytes.count &- offset)))
                value &-= UInt64(taken)
                if value == 0 { state = .dataCarriageReturn }
                offset &+= taken
                return (offset &- taken)..<offset
            }
            try take(bytes[offset])
            offset &+= 1
        }
        return offset..<offset
    }

    /// Takes one byte that is not data.
    private mutating func take(_ byte: UInt8) throws(ParseError) {
        switch state {
        case .firstSizeDigit: try takeSize(byte)
        case .size: try takeBehindSize(byte)
        case .chunkExtension: try takeExtension(byte)
        case .sizeLineFeed:
            try expect(byte, .lineFeed, else: .badChunkSize)
            count = 0
            state = value == 0 ? .trailerStart : .data
        case .dataCarriageReturn:
            try expect(byte, .carriageReturn, else: .badChunkEnd)
            state = .dataLineFeed
        case .dataLineFeed:
            try expect(byte, .lineFeed, else: .badChunkEnd)
            state = .firstSizeDigit
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed:
            try takeTrailer(byte)
        case .data, .complete: preconditionFailure("chunk data is not taken byte by byte")
        }
    }

    private func expect(
        _ byte: UInt8,
        _ expected: UInt8,
        else error: ParseError
    ) throws(ParseError) {
        if byte != expected { throw error }
    }

    private mutating func takeSize(_ byte: UInt8) throws(ParseError) {
        guard let digit = byte.hexValue else { throw .badChunkSize }
        if count == Self.sizeDigitLimit { throw .badChunkSize }
        value = value &<< 4 | UInt64(digit)
        if value > BodyFraming.lengthLimit { throw .chunkTooLarge }
        count &+= 1
        state = .size
    }

    private mutating func takeBehindSize(_ byte: UInt8) throws(ParseError) {
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case .semicolon:
            count = 0
            state = .chunkExtension
            try takeExtension(byte)
        default: try takeSize(byte)
        }
    }

    private mutating func takeExtension(_ byte: UInt8) throws(ParseError) {
        if byte == .carriageReturn {
            state = .sizeLineFeed
            return
        }
        if !byte.isText { throw .badChunkExtension }
        if count == Self.extensionLimitBytes { throw .chunkExtensionTooLong }
        count &+= 1
    }
}

// MARK: - Trailers

extension ChunkedDecoder {
    /// Takes one byte of the trailer section: field lines as in a head, then an empty line.
    private mutating func takeTrailer(_ byte: UInt8) throws(ParseError) {
        if trailerBytes == Self.trailersLimitBytes { throw .trailersTooLarge }
        trailerBytes &+= 1
        switch state {
        case .trailerStart where byte == .carriageReturn: state = .lastLineFeed
        case .trailerStart: try takeTrailerStart(byte)
        case .trailerName where byte == .colon:
            if FieldName.isRefusedInTrailers(value) { throw .trailerNotAllowed }
            state = .trailerValue
        case .trailerName: try takeTrailerName(byte)
        case .trailerValue where byte == .carriageReturn: state = .trailerLineFeed
        case .trailerValue: if !byte.isText { throw .badTrailer }
        case .trailerLineFeed:
            try expect(byte, .lineFeed, else: .badTrailer)
            state = .trailerStart
        default:
            try expect(byte, .lineFeed, else: .badTrailer)
            state = .complete
        }
    }

    private mutating func takeTrailerStart(_ byte: UInt8) throws(ParseError) {
        if count == Self.trailerLinesLimit { throw .tooManyTrailers }
        count &+= 1
        value = NameHash.empty
        state = .trailerName
        try takeTrailerName(byte)
    }

    private mutating func takeTrailerName(_ byte: UInt8) throws(ParseError) {
        if !ByteClass.token.contains(byte) { throw .badTrailer }
        value = NameHash.adding(byte, to: value)
    }
}

/// A hash (FNV-1a) of a field name in lower case with hyphens for underscores, byte by byte.
///
/// It lets a name be refused without being held. Two names may share a hash: then a trailer is
/// refused that need not be, and never the other way round.
enum NameHash {
    static var empty: UInt64 { 0xCBF2_9CE4_8422_2325 }

    static func adding(_ byte: UInt8, to hash: UInt64) -> UInt64 {
        let byte = byte == 0x5F ? 0x2D : byte.lowercased
        return (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    static func of(_ name: StaticString) -> UInt64 {
        var hash = empty
        for index in 0..<name.utf8CodeUnitCount {
            hash = adding(unsafe name.utf8Start[index], to: hash)
        }
        return hash
    }
}

extension FieldName {
    /// Whether a name with this hash is one that trailers must not have.
    static func isRefusedInTrailers(_ hash: UInt64) -> Bool {
        var rawValue: UInt8 = 0
        while let name = FieldName(rawValue: rawValue) {
            if name.rules.contains(.noTrailer), NameHash.of(name.text) == hash { return true }
            rawValue += 1
        }
        return false
    }
}
