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
            if head.hasCookie(name, at: pair) {
                return ByteRange(Int(pair.start) + name.count + 1, Int(pair.end))
            }
            start = end + 1
        }
        return .empty
    }

    /// The next run of cookies without those of that name, from `start` on; nil at the end.
    ///
    /// The cookies of a run keep their bytes, and `rest` is where to look for the next one. Only
    /// the first `removals` of that name are taken out, which counts down: each makes one more
    /// piece of the head, and somebody may send a thousand.
    static func nextRun(
        without name: Span<UInt8>,
        in head: Span<UInt8>,
        _ field: ByteRange,
        removals: inout Int
    ) -> (run: ByteRange, rest: ByteRange)? {
        var (start, run) = (Int(field.start), ByteRange.empty)
        while start < Int(field.end) {
            var end = start
            while end < Int(field.end), head[end] != UInt8(ascii: ";") { end += 1 }
            let pair = head.trimmed(ByteRange(start, end))
            let rest = ByteRange(min(end + 1, Int(field.end)), Int(field.end))
            if removals > 0, head.hasCookie(name, at: pair) {
                removals -= 1
                if run != .empty { return (run, rest) }
            } else if !pair.isEmpty {
                if run == .empty { run.start = pair.start }
                run.end = pair.end
            }
            start = end + 1
        }
        return run == .empty ? nil : (run, .empty)
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

    /// Whether `pair` is `name=` and whatever.
    fileprivate func hasCookie(_ name: Span<UInt8>, at pair: ByteRange) -> Bool {
        let equalsSign = Int(pair.start) + name.count
        return equalsSign < Int(pair.end) && self[equalsSign] == UInt8(ascii: "=")
            && hasBytes(at: Int(pair.start), ByteRange(0, name.count), of: name)
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
