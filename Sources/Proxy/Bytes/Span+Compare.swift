extension Span<UInt8> {
    /// Whether `range` holds exactly `other`.
    func equals(_ range: ByteRange, _ other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        let other = other.span
        for offset in other.indices where self[Int(range.start) + offset] != other[offset] {
            return false
        }
        return true
    }

    /// Whether `range` holds `other`, a token, in whatever case (ASCII).
    func equalsIgnoringCase(_ range: ByteRange, _ other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        let other = other.span
        for offset in other.indices
        where self[Int(range.start) + offset].lowercased != other[offset].lowercased {
            return false
        }
        return true
    }
}
