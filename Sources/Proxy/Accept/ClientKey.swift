/// Makes numbers of client addresses that nobody outside can foresee, so that nobody can choose
/// addresses that crowd one place of a table.
struct ClientKey: Sendable {
    private let secret: (UInt64, UInt64)

    init(random: inout Random) { secret = (random.next(), random.next() | 1) }

    /// A number for `address`; one for all of a /64 of IPv6, for a subscriber has that at least.
    func hash(_ address: IPAddress) -> UInt64 {
        // The rounds of MurmurHash3's finalizer, each with a secret in front.
        var hash = (address.isV4 ? address.low : address.high) ^ secret.0
        hash ^= hash >> 33
        hash &*= secret.1
        hash ^= hash >> 33
        hash &*= 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }
}
