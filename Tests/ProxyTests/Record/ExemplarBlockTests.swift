import TestSupport
import Testing

@testable import Proxy

@Suite("Exemplars")
struct ExemplarBlockTests {
    @Test func `a bucket has its newest exemplar, and others none`() {
        let block = ExemplarBlock(buckets: 3)

        for number: UInt64 in 1...2 {
            block.note(
                1,
                trace: TraceParent(traceID: (7, number)),
                duration: .milliseconds(5),
                wallClock: 2_500_000_000
            )
        }

        #expect(block[0] == nil)
        #expect(block[1] == Exemplar(traceID: (7, 2), seconds: 0.005, time: 2.5))
        #expect(block[2] == nil)
    }

    @Test func `a reader never sees half of one`() throws {
        let block = ExemplarBlock(buckets: 1)
        let isStopped = Monitor(false)
        let writer = WorkThread {
            var number: UInt64 = 1
            while !isStopped.current {
                for _ in 0..<1_000 {
                    block.note(
                        0,
                        trace: TraceParent(traceID: (number, number)),
                        duration: Nanoseconds(Int64(number)),
                        wallClock: Int64(number)
                    )
                    number += 1
                }
            }
        }
        var seen = 0
        while seen < 50_000 {
            guard let exemplar = block[0] else { continue }
            seen += 1
            let number = exemplar.traceID.high
            guard exemplar.traceID.low == number, exemplar.time == Double(number) / 1e9 else {
                Issue.record("a torn exemplar: \(exemplar)")
                break
            }
        }
        isStopped.use { $0 = true }
        writer.join()
    }
}
