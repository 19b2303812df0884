/// Hashes sticky keys: the same on every machine and in every version, since a changed hash would
/// move users between slots.
///
/// FNV-1a with 64 bits over the bytes, then MurmurHash3's finaliser `fmix64`, of which the upper 32
/// bits count. FNV alone would not do: of keys that differ in their last bytes only, such as the
/// addresses of one network, its upper bits hardly differ, and these decide the slot.
enum StickyHash {
    static func of(_ bytes: Span<UInt8>) -> UInt32 {
        of(bytes, ByteRange(0, bytes.count))
    }

    static func of(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt32 {
        var state = offsetBasis
        for index in range.range { state = step(state, bytes[index]) }
        return finish(state)
    }

    /// The four bytes of an IPv4 address, or the first eight of an IPv6 address.
    ///
    /// Why not all sixteen: a host in an IPv6 network changes the lower half of its address by
    /// itself within hours (RFC 8981), which must not change its slot.
    static func of(_ address: IPAddress) -> UInt32 {
        let key = address.isV4 ? address.low << 32 : address.high
        let byteCount = address.isV4 ? 4 : 8
        var state = offsetBasis
        for index in 0..<byteCount {
            state = step(state, UInt8(truncatingIfNeeded: key >> UInt64(56 - 8 * index)))
        }
        return finish(state)
    }

    private static var offsetBasis: UInt64 { 0xCBF2_9CE4_8422_2325 }

    private static func step(_ state: UInt64, _ byte: UInt8) -> UInt64 {
        (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    private static func finish(_ state: UInt64) -> UInt32 {
        var mixed = state
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }
}
