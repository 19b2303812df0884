import Testing

@testable import Proxy

@Suite("Counters of a lane")
struct LaneCountersTests {
    @Test func `there is room for as many buckets as a configuration may have`() {
        #expect(ConfigLimits.buckets <= LaneCounters.boundLimit)
    }

    @Test func `a duration beyond the last of the most bounds is counted in the bucket above it`() {
        let bounds = (1...ConfigLimits.buckets).map { Double($0) }
        let counters = LaneCounters(boundsSeconds: bounds)
        counters.began()

        counters.ended(
            method: .get,
            status: 200,
            duration: .milliseconds(1_000 * Int64(ConfigLimits.buckets + 1)),
            requestBytes: 0,
            responseBytes: 0
        )

        var lane = Statistics.Lane()
        counters.add(to: &lane)
        #expect(lane.durationBuckets.count == bounds.count + 1)
        #expect(lane.durationBuckets.last == 1)
    }
}
