import Testing

@testable import Proxy

@Suite("Latency scale")
struct LatencyScaleTests {
    @Test func `buckets follow one another without gap or overlap`() {
        for bucket in 0..<LatencyScale.bucketCount - 1 {
            let border = LatencyScale.upperSeconds(bucket)
            let count = Int64((border * 1e9).rounded())

            #expect(border == LatencyScale.lowerSeconds(bucket + 1))
            #expect(border > LatencyScale.lowerSeconds(bucket))
            #expect(LatencyScale.bucket(of: Nanoseconds(count)) == bucket + 1)
            #expect(LatencyScale.bucket(of: Nanoseconds(count - 1)) == bucket)
        }
        #expect(LatencyScale.upperSeconds(LatencyScale.bucketCount - 1) == .infinity)
    }

    @Test(arguments: [70_000, 100_000, 1_000_000, 49_999_999, 2_000_000_000, 119_000_000_000])
    func `a time is told with an error below 3 %`(nanoseconds: Int64) {
        let seconds = Double(nanoseconds) / 1e9

        let told = LatencyScale.middleSeconds(LatencyScale.bucket(of: Nanoseconds(nanoseconds)))

        #expect((told - seconds).magnitude / seconds < 0.016)
    }

    @Test(
        "what is beyond either end falls into the outermost bucket",
        arguments: [
            (Int64(-5), 0), (0, 0), (65_535, 0), (65_536, 1),
            (1 << 37, LatencyScale.bucketCount - 1), (.max, LatencyScale.bucketCount - 1),
        ] as [(Int64, Int)]
    )
    func ends(nanoseconds: Int64, bucket: Int) {
        #expect(LatencyScale.bucket(of: Nanoseconds(nanoseconds)) == bucket)
    }
}
