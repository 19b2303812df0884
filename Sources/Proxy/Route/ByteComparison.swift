/// Comparisons of a part of a head with prepared bytes.
extension Span<UInt8> {
    /// Whether `other[range]` stands at `start`; the caller knows that there is room for it.
    ///
    /// Eight bytes at a time; `other` is quickest to read when eight more bytes follow the range.
    @inline(__always)
    func hasBytes(at start: Int, _ range: ByteRange, of other: Span<UInt8>) -> Bool {
        var (position, otherPosition) = (start, Int(range.start))
        while Int(range.end) &- otherPosition >= 8 {
            guard word(at: position) == other.word(at: otherPosition) else { return false }
            position &+= 8
            otherPosition &+= 8
        }
        let rest = Int(range.end) &- otherPosition
        return rest == 0
            || word(at: position).prefix(rest) == other.word(at: otherPosition).prefix(rest)
    }

    /// As `hasBytes`, where this side may be in upper case and the other is in lower case.
    func hasLowercaseBytes(at start: Int, _ range: ByteRange, of other: Span<UInt8>) -> Bool {
        for offset in 0..<range.count {
            let byte = self[start + offset]
            let isUppercase = byte &- UInt8(ascii: "A") < 26
            guard byte | (isUppercase ? 0x20 : 0) == other[Int(range.start) + offset] else {
                return false
            }
        }
        return true
    }

    /// The host of `host:port`, `[v6]:port` or `host`, without the dot that may end a full name.
    func hostName(of authority: ByteRange) -> ByteRange {
        var end = Int(authority.end)
        var digits = end
        while digits > Int(authority.start), self[digits - 1] &- UInt8(ascii: "0") < 10 {
            digits -= 1
        }
        if digits > Int(authority.start), self[digits - 1] == UInt8(ascii: ":") { end = digits - 1 }
        if end > Int(authority.start), self[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return ByteRange(Int(authority.start), end)
    }
}
