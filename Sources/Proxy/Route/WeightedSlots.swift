/// Splits live traffic between the active slot and the canary by the canary's weight.
///
/// The canary owns the hashes from 0 up to a threshold: raising the weight moves keys into the
/// canary and none out of it, and neither 0 nor 100 % is a matter of chance.
struct WeightedSlots {
    private let active: SlotID
    /// First hash that is not the canary's, `0...2^32`; computed here so that a request compares.
    private let threshold: UInt64

    init(active: SlotID, canary: Weight?) {
        self.active = active
        let share = UInt64((canary ?? .none).basisPoints)
        let whole = UInt64(Weight.wholeBasisPoints)
        threshold = ((share << 32) + whole - 1) / whole
    }

    /// Whether the hash decides; where it does not, the caller need not compute one.
    var isSplit: Bool { threshold != 0 && threshold != 1 << 32 }

    func slot(for hash: UInt32) -> SlotID {
        UInt64(hash) < threshold ? active.other : active
    }
}
