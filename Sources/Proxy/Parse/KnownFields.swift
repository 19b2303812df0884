/// Which known names the fields of a head have, and where.
struct KnownFields {
    /// Names from this raw value on have no place here, only an entry in the sets.
    static let indexedNames = 16

    /// The names that occur at all, and those that do more than once.
    private(set) var names = FieldNameSet()
    private(set) var repeated = FieldNameSet()
    /// The last field of each name; meaningful where `names` has it.
    private var lastIndex = [16 of UInt8](repeating: 0)

    /// The last field of this name, or -1.
    @inline(__always)
    func index(_ name: FieldName) -> Int {
        names.contains(name) ? Int(lastIndex[Int(name.rawValue)]) : -1
    }

    /// Remembers that the field at `index` has this name; fields come in their order.
    @inline(__always)
    mutating func note(_ name: FieldName, at index: Int) {
        if names.contains(name) { repeated.insert(name) }
        names.insert(name)
        if name.rawValue < Self.indexedNames {
            lastIndex[Int(name.rawValue)] = UInt8(truncatingIfNeeded: index)
        }
    }
}

/// A set of known field names.
struct FieldNameSet: Equatable {
    private var bits: UInt32 = 0

    @inline(__always)
    func contains(_ name: FieldName) -> Bool { bits &>> UInt32(name.rawValue) & 1 != 0 }

    @inline(__always)
    mutating func insert(_ name: FieldName) { bits |= 1 &<< UInt32(name.rawValue) }

    @inline(__always)
    func isDisjoint(with other: FieldNameSet) -> Bool { bits & other.bits == 0 }

    /// This set and one more name.
    @inline(__always)
    func with(_ name: FieldName) -> FieldNameSet {
        var set = self
        set.insert(name)
        return set
    }
}
