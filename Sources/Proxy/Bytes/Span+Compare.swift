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

    /// Whether `range` holds `other`, a token, for an application that makes variables of fields:
    /// in whatever case (ASCII), and with underscores for hyphens.
    func equalsAsVariable(_ range: ByteRange, _ other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        let other = other.span
        for offset in other.indices
        where self[Int(range.start) + offset].inVariable != other[offset].inVariable {
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

extension UInt8 {
    /// The byte as it stands in the name of a variable that is made of a field.
    fileprivate var inVariable: UInt8 { self == UInt8(ascii: "-") ? UInt8(ascii: "_") : lowercased }
}
