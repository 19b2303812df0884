/// What a session cookie says: where its user stands on the line of hashes, and was served.
struct SessionToken: Equatable {
    /// Hexadecimal digits of the value: the token's, and as many of its signature.
    static let textBytes = 32

    /// Stands for the sticky key, and stays when slots and generations change.
    let point: UInt32
    let slot: SlotID
    /// The generation in which the slot was given, in 31 bits.
    let generation: UInt32

    init(point: UInt32, slot: SlotID, generation: Generation) {
        self.point = point
        self.slot = slot
        self.generation = Self.short(generation)
    }

    /// A generation as it stands in a token: two billion changes of traffic are not to be expected.
    static func short(_ generation: Generation) -> UInt32 {
        UInt32(truncatingIfNeeded: generation & 0x7FFF_FFFF)
    }

    /// All of it in one word.
    var word: UInt64 {
        UInt64(point) << 32 | UInt64(generation) << 1 | UInt64(slot.index)
    }

    private init(word: UInt64) {
        point = UInt32(truncatingIfNeeded: word >> 32)
        generation = UInt32(truncatingIfNeeded: word) >> 1
        slot = SlotID(Int(word & 1))
    }

    /// Reads a cookie's value; nil for one that is not ours to the last digit.
    init?(parsing head: Span<UInt8>, _ value: ByteRange, key: SessionKey) {
        guard value.count == Self.textBytes,
            let word = head.hexadecimalWord(at: Int(value.start)),
            let tag = head.hexadecimalWord(at: Int(value.start) + Self.textBytes / 2),
            tag == key.tag(of: word)
        else { return nil }
        self.init(word: word)
    }
}

extension Span<UInt8> {
    /// Sixteen lower-case hexadecimal digits as a number; nil for anything else.
    fileprivate func hexadecimalWord(at start: Int) -> UInt64? {
        var word: UInt64 = 0
        for offset in 0..<16 {
            let byte = self[start + offset]
            let digit: UInt8
            if byte &- UInt8(ascii: "0") < 10 {
                digit = byte &- UInt8(ascii: "0")
            } else if byte &- UInt8(ascii: "a") < 6 {
                digit = byte &- UInt8(ascii: "a") + 10
            } else {
                return nil
            }
            word = word << 4 | UInt64(digit)
        }
        return word
    }
}
