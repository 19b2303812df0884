/// The trace that a request belongs to, from its `traceparent` field (W3C Trace Context, level 2).
struct TraceParent: Equatable {
    /// Bytes of version 00, the only one there is; later ones may be longer.
    static let byteCount = 55

    let traceID: (high: UInt64, low: UInt64)

    init(traceID: (high: UInt64, low: UInt64)) { self.traceID = traceID }

    /// Reads a value; nil for what the recommendation has a recipient ignore (§3.2.2).
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        let start = range.lowerBound
        guard range.count >= Self.byteCount,
            let version = Self.number(bytes, start..<start + 2), version != 0xFF,
            version == 0
                ? range.count == Self.byteCount
                : range.count == Self.byteCount || bytes[start + 55] == UInt8(ascii: "-"),
            bytes[start + 2] == UInt8(ascii: "-"),
            let high = Self.number(bytes, start + 3..<start + 19),
            let low = Self.number(bytes, start + 19..<start + 35), high | low != 0,
            bytes[start + 35] == UInt8(ascii: "-"),
            let parent = Self.number(bytes, start + 36..<start + 52), parent != 0,
            bytes[start + 52] == UInt8(ascii: "-"),
            Self.number(bytes, start + 53..<start + 55) != nil
        else { return nil }
        traceID = (high, low)
    }

    /// Lower-case hexadecimal digits, at most sixteen.
    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            switch bytes[index] {
            case 0x30...0x39: value = value << 4 | UInt64(bytes[index] - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(bytes[index] - 0x57)
            default: return nil
            }
        }
        return value
    }

    static func == (left: TraceParent, right: TraceParent) -> Bool {
        left.traceID.high == right.traceID.high && left.traceID.low == right.traceID.low
    }
}
