/// One of the two deployed versions of the application, by its place: 0 or 1.
package struct SlotID: Sendable, Hashable {
    package let index: Int

    package init(_ index: Int) {
        precondition(index == 0 || index == 1, "there are exactly two slots")
        self.index = index
    }

    /// The slot that this one is not.
    package var other: SlotID { SlotID(1 - index) }

    package static let both = [SlotID(0), SlotID(1)]
}

/// A number that grows by one with every change of traffic: switch, rollback, canary weight.
package typealias Generation = UInt64

/// A share of live traffic in basis points, `0...10_000`; people see percent with two decimals.
package struct Weight: Sendable, Hashable, Comparable {
    package static let wholeBasisPoints: UInt32 = 10_000
    package static let none = Weight(basisPoints: 0)
    package static let all = Weight(basisPoints: wholeBasisPoints)

    package let basisPoints: UInt32

    package init(basisPoints: UInt32) {
        precondition(basisPoints <= Self.wholeBasisPoints, "a weight is at most 100 %")
        self.basisPoints = basisPoints
    }

    /// A weight from percent; nil unless it is a step of 0.01 in `0...100`.
    package init?(percent: Double) {
        let scaled = percent * 100
        guard percent >= 0, percent <= 100, (scaled - scaled.rounded()).magnitude < 1e-6 else {
            return nil
        }
        self.init(basisPoints: UInt32(scaled.rounded()))
    }

    package var percent: Double { Double(basisPoints) / 100 }

    package static func < (left: Weight, right: Weight) -> Bool {
        left.basisPoints < right.basisPoints
    }
}

/// Which slot the traffic goes to: all that a switch, a rollback or a canary change alters.
package struct RoutingState: Sendable, Hashable {
    package var generation: Generation
    package var active: SlotID
    /// The slot that was active before the last switch; nil before the first one.
    package var previous: SlotID?
    /// The share of the slot that is not active; nil without a canary (0 is a canary at rest).
    package var canary: Weight?
    /// The generation in which the present canary began, whatever its weight was since; sessions
    /// of earlier canaries are over.
    package var splitSince: Generation?

    package init(
        generation: Generation,
        active: SlotID,
        previous: SlotID? = nil,
        canary: Weight? = nil,
        splitSince: Generation? = nil
    ) {
        self.generation = generation
        self.active = active
        self.previous = previous
        self.canary = canary
        self.splitSince = splitSince
    }

    /// The same, with the beginning of the split that follows from what was in force before.
    package func following(_ before: RoutingState) -> RoutingState {
        var next = self
        let goesOn = before.canary != nil && before.active == active
        next.splitSince = canary == nil ? nil : (goesOn ? before.splitSince : nil) ?? generation
        return next
    }
}
