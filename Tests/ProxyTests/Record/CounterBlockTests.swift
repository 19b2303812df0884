import Testing

@testable import Proxy

@Suite("Counter block")
struct CounterBlockTests {
    @Test func `it begins with zeros`() {
        let counters = CounterBlock(count: 1_000)
        defer { counters.deallocate() }

        #expect((0..<1_000).allSatisfy { counters[$0] == 0 })
    }

    @Test func `each cell counts on its own, up and down`() {
        let counters = CounterBlock(count: 3)
        defer { counters.deallocate() }

        counters.add(0)
        counters.add(1, 10)
        counters.subtract(1, 3)
        counters.add(2, .max)

        #expect((0..<3).map { counters[$0] } == [1, 7, .max])
    }

    @Test func `a cell that runs over goes on from zero`() {
        let counters = CounterBlock(count: 1)
        defer { counters.deallocate() }

        counters.add(0, .max)
        counters.add(0, 2)

        #expect(counters[0] == 1)
    }

    @Test func `a copy is the same counters`() {
        let counters = CounterBlock(count: 1)
        defer { counters.deallocate() }
        let copy = counters

        copy.add(0, 5)

        #expect(counters[0] == 5)
    }

    @Test func `a cell past the end traps`() async {
        await #expect(processExitsWith: .failure) { CounterBlock(count: 2).add(2) }
        await #expect(processExitsWith: .failure) { _ = CounterBlock(count: 2)[-1] }
    }
}
