import Testing

@testable import Proxy

@Suite("Weighted slots")
struct WeightedSlotsTests {
    let blue = SlotID(0)
    let green = SlotID(1)
    /// Hashes from end to end of their range, both ends included.
    let hashes = Array(stride(from: UInt32.min, to: .max, by: 65_537)) + [.max]

    @Test func `without a canary every key is the active slot's`() {
        let slots = WeightedSlots(active: green, canary: nil)

        #expect(hashes.allSatisfy { slots.slot(for: $0) == green })
        #expect(!slots.isSplit)
    }

    @Test func `0 percent is never the canary`() {
        let slots = WeightedSlots(active: blue, canary: Weight.none)

        #expect(hashes.allSatisfy { slots.slot(for: $0) == blue })
        #expect(!slots.isSplit)
    }

    @Test func `100 percent is always the canary`() {
        let slots = WeightedSlots(active: blue, canary: .all)

        #expect(hashes.allSatisfy { slots.slot(for: $0) == green })
        #expect(!slots.isSplit)
    }

    @Test func `the smallest and the largest share are not rounded away`() {
        let smallest = WeightedSlots(active: blue, canary: Weight(basisPoints: 1))
        let largest = WeightedSlots(active: blue, canary: Weight(basisPoints: 9_999))

        #expect(smallest.slot(for: 0) == green)
        #expect(smallest.slot(for: 429_496) == green)
        #expect(smallest.slot(for: 429_497) == blue)
        #expect(largest.slot(for: .max) == blue)
        #expect(smallest.isSplit && largest.isSplit)
    }

    @Test func `raising the weight moves keys into the canary alone`() {
        var before = WeightedSlots(active: blue, canary: Weight.none)

        for basisPoints in stride(from: UInt32(50), through: 10_000, by: 50) {
            let after = WeightedSlots(active: blue, canary: Weight(basisPoints: basisPoints))
            let canaries = hashes.filter { before.slot(for: $0) == green }
            #expect(canaries.allSatisfy { after.slot(for: $0) == green })
            before = after
        }
    }

    @Test func `a share that is held back after a switch was never in the canary before`() {
        let canary = WeightedSlots(active: blue, canary: Weight(basisPoints: 5_000))
        let heldBack = WeightedSlots(active: green, canary: Weight(basisPoints: 200))

        let left = hashes.filter { heldBack.slot(for: $0) == blue }

        #expect((Double(left.count) / Double(hashes.count) - 0.02).magnitude < 0.001)
        #expect(left.allSatisfy { canary.slot(for: $0) == blue })
    }

    @Test func `raising the weight moves keys into a canary that is the first slot`() {
        var before = WeightedSlots(active: green, canary: Weight.none)

        for basisPoints in stride(from: UInt32(50), through: 10_000, by: 50) {
            let after = WeightedSlots(active: green, canary: Weight(basisPoints: basisPoints))
            let canaries = hashes.filter { before.slot(for: $0) == blue }
            #expect(canaries.allSatisfy { after.slot(for: $0) == blue })
            before = after
        }
        #expect(hashes.allSatisfy { before.slot(for: $0) == blue })
    }

    @Test func `a promoted canary keeps its keys when the weight was 100 percent`() {
        let canary = WeightedSlots(active: blue, canary: .all)
        let promoted = WeightedSlots(active: green, canary: nil)

        #expect(hashes.allSatisfy { canary.slot(for: $0) == promoted.slot(for: $0) })
    }

    @Test(
        "the share of 100 000 sequential addresses is within five standard deviations",
        arguments: [1, 100, 500, 1_250, 5_000, 9_000, 9_999] as [UInt32]
    )
    func share(basisPoints: UInt32) {
        let slots = WeightedSlots(active: blue, canary: Weight(basisPoints: basisPoints))
        let keys: Range<UInt32> = 0x0A00_0000..<0x0A00_0000 + 100_000

        let canaries = keys.count { slots.slot(for: StickyHash.of(IPAddress(v4: $0))) == green }

        let probability = Double(basisPoints) / 10_000
        let expected = Double(keys.count) * probability
        let deviation = (expected * (1 - probability)).squareRoot()
        #expect((Double(canaries) - expected).magnitude <= 5 * deviation + 1)
    }
}
