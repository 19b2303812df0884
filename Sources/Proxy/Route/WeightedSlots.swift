/// Splits live traffic between the slots by the canary's weight.
///
/// The hashes are a line from 0 to 2^32, and the second slot always owns its lower end, whether it
/// is the canary or the active one. So raising a canary's weight moves keys into it and none out;
/// neither 0 nor 100 % is a matter of chance; and the canary that is left on the old slot after a
/// switch, to hold back a share, begins with those who were never in the new one.
struct WeightedSlots {
    private static let end: UInt64 = 1 << 32

    /// First hash that is the first slot's, `0...2^32`; computed here so that a request compares.
    private let threshold: UInt64

    init(active: SlotID, canary: Weight?) {
        let share = UInt64((canary ?? .none).basisPoints)
        let whole = UInt64(Weight.wholeBasisPoints)
        let length = (share * Self.end + whole - 1) / whole
        threshold = active == SlotID(0) ? length : Self.end - length
    }

    /// Whether the hash decides; where it does not, the caller need not compute one.
    var isSplit: Bool { threshold != 0 && threshold != Self.end }

    func slot(for hash: UInt32) -> SlotID {
        UInt64(hash) < threshold ? SlotID(1) : SlotID(0)
    }
}
