/// One field line of a head, by offsets into the bytes that were parsed.
///
/// The line is `name.start..<lineEnd`, its CRLF included; `value` is without the blanks around it.
struct Field {
    var name: ByteRange
    var value: ByteRange
    var lineEnd: UInt32
    var known: FieldName
    /// Whether the field stays behind: hop-by-hop, or named by Connection.
    var isRemoved: Bool
}

/// The fields of one head, in their order; allocated once and used again for every head.
///
/// Invariant: `0 <= count <= capacityLimit`, and the first `count` elements are initialised.
@safe struct FieldTable: ~Copyable {
    /// More fields than this are refused whatever the configuration says; an index fits a byte.
    static let capacityLimit = 256

    private let storage: UnsafeMutablePointer<Field>
    private(set) var count = 0

    init() { unsafe storage = .allocate(capacity: Self.capacityLimit) }

    deinit { unsafe storage.deallocate() }

    subscript(index: Int) -> Field {
        @inline(__always)
        get {
            precondition(index >= 0 && index < count, "no such field")
            return unsafe storage[index]
        }
        @inline(__always)
        set {
            precondition(index >= 0 && index < count, "no such field")
            unsafe storage[index] = newValue
        }
    }

    @inline(__always)
    mutating func append(_ field: Field) {
        precondition(count < Self.capacityLimit, "the field table is full")
        unsafe storage[count] = field
        count &+= 1
    }

    mutating func removeAll() { count = 0 }
}
