import Testing

@testable import bench_load

@Suite("Schedule of a fixed rate")
struct ScheduleTests {
    @Test func `requests are due at even distances that do not drift`() {
        var schedule = Schedule(start: 1_000, rate: 3)

        for _ in 0..<3_000 { schedule.advance() }

        #expect(schedule.nextDue == 1_000 + 1_000_000_000_000)
    }

    @Test func `a queue gives back in the order it was filled`() {
        var queue = FirstInFirstOut<Int>()
        var taken: [Int] = []

        for number in 0..<100 {
            queue.append(number)
            queue.append(number + 100)
            if let first = queue.popFirst() { taken.append(first) }
        }
        while let next = queue.popFirst() { taken.append(next) }

        #expect(taken == (0..<100).flatMap { [$0, $0 + 100] })
        #expect(queue.isEmpty)
    }
}
