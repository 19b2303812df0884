import Testing

@testable import Proxy

@Suite("Identifiers")
struct IdentifiersTests {
    @Test func `each slot is the other of the other`() {
        #expect(SlotID.both.map(\.index) == [0, 1])
        #expect(SlotID.both.map(\.other) == [SlotID(1), SlotID(0)])
    }

    @Test func `there is no third slot`() async {
        await #expect(processExitsWith: .failure) { _ = SlotID(2) }
    }

    @Test func `every weight survives its way through percent`() {
        for basisPoints in 0...Weight.wholeBasisPoints {
            let weight = Weight(basisPoints: basisPoints)
            #expect(Weight(percent: weight.percent) == weight)
        }
    }

    @Test(
        "percent beyond the bounds or between the steps is no weight",
        arguments: [-0.01, 100.01, 0.005, 12.345, .infinity, -.infinity, .nan]
    )
    func percent(percent: Double) {
        #expect(Weight(percent: percent) == nil)
    }

    @Test func `no weight is above all of it`() async {
        #expect(Weight.none < .all)
        await #expect(processExitsWith: .failure) { _ = Weight(basisPoints: 10_001) }
    }
}
