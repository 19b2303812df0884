/// What epoll hands back with an event: which of a worker's things it belongs to.
///
/// The generation tells a connection from its predecessor in the same place of the table, so that
/// an event that was queued before a close never reaches the successor.
struct EventToken: Equatable {
    enum Kind: UInt8 { case wakeUp, listener, downstream, upstream }

    static let indexLimit = 1 << 24

    let kind: Kind
    let index: Int
    let generation: UInt32

    init(_ kind: Kind, _ index: Int = 0, generation: UInt32 = 0) {
        precondition(index >= 0 && index < Self.indexLimit)
        self.kind = kind
        self.index = index
        self.generation = generation
    }

    init(rawValue: UInt64) {
        guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) else {
            preconditionFailure("an event of a token that was never made")
        }
        self.kind = kind
        index = Int(rawValue >> 32 & UInt64(Self.indexLimit - 1))
        generation = UInt32(truncatingIfNeeded: rawValue)
    }

    var rawValue: UInt64 {
        UInt64(kind.rawValue) << 56 | UInt64(index) << 32 | UInt64(generation)
    }
}
