/// Reads single cookies out of a Cookie field's value (RFC 6265 §5.4): `name=value; name=value`.
enum CookieField {
    /// The value of the first cookie of that name; empty when it is absent.
    ///
    /// RFC 6265 §5.4: of two cookies with one name the more specific path stands first. Names are
    /// case-sensitive; quotes are part of the value, as they are to a browser.
    static func value(
        of name: Span<UInt8>,
        in head: Span<UInt8>,
        _ field: ByteRange
    ) -> ByteRange {
        var start = Int(field.start)
        while start < Int(field.end) {
            var end = start
            while end < Int(field.end), head[end] != UInt8(ascii: ";") { end += 1 }
            let pair = head.trimmed(ByteRange(start, end))
            let valueStart = Int(pair.start) + name.count + 1
            if valueStart <= Int(pair.end), head[valueStart - 1] == UInt8(ascii: "="),
                head.hasBytes(at: Int(pair.start), ByteRange(0, name.count), of: name)
            {
                return ByteRange(valueStart, Int(pair.end))
            }
            start = end + 1
        }
        return .empty
    }
}

extension Span<UInt8> {
    /// `range` without the spaces and tabs around it.
    fileprivate func trimmed(_ range: ByteRange) -> ByteRange {
        var (start, end) = (Int(range.start), Int(range.end))
        while start < end, isBlank(self[start]) { start += 1 }
        while end > start, isBlank(self[end - 1]) { end -= 1 }
        return ByteRange(start, end)
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
