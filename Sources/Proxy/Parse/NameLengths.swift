/// The lengths of some field names: most other names are ruled out by their length alone.
struct NameLengths {
    /// Bit N for a name of N bytes; the last one for all that are longer.
    private let bits: UInt64

    init(of names: [[UInt8]]) {
        bits = names.reduce(0) { $0 | Self.bit($1.count) }
    }

    /// Whether a field may have one of the names; false is certain.
    @inline(__always)
    func mayHave(_ field: Field) -> Bool { bits & Self.bit(field.name.count) != 0 }

    @inline(__always)
    private static func bit(_ count: Int) -> UInt64 {
        1 &<< UInt64(truncatingIfNeeded: min(count, 63))
    }
}
