import Testing

@testable import bench_load

@Suite("Histogram of durations")
struct HistogramTests {
    @Test func `small values are kept exactly`() {
        var histogram = Histogram()

        for value in UInt64(1)...100 { histogram.add(value) }

        #expect(histogram.value(at: 0.5) == 50)
        #expect(histogram.value(at: 0.99) == 99)
        #expect(histogram.value(at: 1) == 100)
    }

    @Test(arguments: [128, 129, 255, 256, 1_000, 65_535, 1_000_000, 4_321_987_654] as [UInt64])
    func `a large value is reported at most one part in 128 too high`(value: UInt64) {
        var histogram = Histogram()

        histogram.add(value)
        histogram.add(value * 2)

        let reported = histogram.value(at: 0.5)
        #expect(reported >= value)
        #expect(reported <= value + value / 128)
    }

    @Test func `what is longer than the scale is counted and its length kept`() {
        var histogram = Histogram()

        histogram.add(.max)

        #expect(histogram.total == 1)
        #expect(histogram.largest == .max)
    }

    @Test func `a rank between two values takes the higher one`() {
        var histogram = Histogram()

        for _ in 0..<999 { histogram.add(10) }
        histogram.add(100)
        histogram.add(100)

        #expect(histogram.value(at: 0.99) == 10)
        #expect(histogram.value(at: 0.999) == 100)
    }

    @Test func `without values every rank is zero`() {
        #expect(Histogram().value(at: 0.99) == 0)
    }
}
