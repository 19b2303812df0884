extension TextBuffer {
    /// The shortest form: the longest run of two or more zero groups becomes `::`.
    mutating func appendV6(_ address: IPAddress) {
        let (start, length) = Self.longestZeroRun(of: address)
        var index = 0
        while index < 8 {
            if length > 1, index == start {
                append("::")
                index += length
                continue
            }
            if index > 0, !(length > 1 && index == start + length) { append(UInt8(ascii: ":")) }
            append(shortHexadecimal: Self.group(index, of: address))
            index += 1
        }
    }

    private static func group(_ index: Int, of address: IPAddress) -> UInt64 {
        let half = index < 4 ? address.high : address.low
        return half >> (48 - 16 * UInt64(index & 3)) & 0xFFFF
    }

    private static func longestZeroRun(of address: IPAddress) -> (start: Int, length: Int) {
        var best = (start: 0, length: 0)
        var run = 0
        for index in 0..<8 {
            run = group(index, of: address) == 0 ? run + 1 : 0
            if run > best.length { best = (index - run + 1, run) }
        }
        return best
    }
}
