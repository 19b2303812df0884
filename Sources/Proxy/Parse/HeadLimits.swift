/// How large a head may be; each bound has its own answer (431, 431 and 414).
struct HeadLimits {
    /// Start line, fields and the empty line together.
    var headBytes: Int
    /// Field lines; more than `FieldTable.capacityLimit` are refused in any case.
    var fields: Int
    var targetBytes: Int

    /// For a head that was within its limits when it was read first.
    static let widest = HeadLimits(
        headBytes: .max,
        fields: FieldTable.capacityLimit,
        targetBytes: .max
    )
}
