import Testing

@testable import Proxy

@Suite("Lane counters")
struct LaneCountersTests {
    private static func sum(_ counters: LaneCounters...) -> Statistics.Lane {
        var lane = Statistics.Lane()
        for counters in counters { counters.add(to: &lane) }
        return lane
    }

    private static func end(
        _ counters: LaneCounters,
        _ method: Method = .get,
        _ status: UInt16 = 200,
        nanoseconds: Int64 = 0
    ) {
        counters.began()
        counters.ended(
            method: method,
            status: status,
            duration: Nanoseconds(nanoseconds),
            requestBytes: 100,
            responseBytes: 1_000
        )
    }

    @Test func `there is room for as many buckets as a configuration may have`() {
        #expect(ConfigLimits.buckets <= LaneCounters.boundLimit)
    }

    @Test(
        "a value falls into the first bucket whose bound is not below it",
        arguments: [
            (-1, 0), (0, 0), (4_999_999, 0), (5_000_000, 0), (5_000_001, 1), (10_000_000, 1),
            (10_000_001, 2), (1_000_000_000, 2), (1_000_000_001, 3), (Int64.max, 3),
        ] as [(Int64, Int)]
    )
    func bucket(nanoseconds: Int64, expected: Int) {
        let counters = LaneCounters(boundsSeconds: [0.005, 0.01, 1])

        Self.end(counters, nanoseconds: nanoseconds)
        counters.connected(after: Nanoseconds(nanoseconds))

        let lane = Self.sum(counters)
        let buckets = (0..<4).map { UInt64($0 == expected ? 1 : 0) }
        #expect(lane.durationBuckets == buckets)
        #expect(lane.connectBuckets == buckets)
    }

    @Test(arguments: [1...1_000, 1_001...5_000, 30_000...31_000] as [ClosedRange<Int64>])
    func `every bound of whole milliseconds takes the value that equals it`(
        milliseconds: ClosedRange<Int64>
    ) {
        // Many bounds have no exact binary fraction, such as 1.001.
        for start in stride(from: milliseconds.lowerBound, to: milliseconds.upperBound, by: 32) {
            let bounds = (start..<start + 32).map { $0 }
            let counters = LaneCounters(boundsSeconds: bounds.map { Double($0) / 1_000 })
            for bound in bounds { counters.connected(after: .milliseconds(bound)) }

            #expect(Self.sum(counters).connectBuckets == Array(repeating: 1, count: 32) + [0])
        }
    }

    @Test func `without bounds there is one bucket for all`() {
        let counters = LaneCounters(boundsSeconds: [])

        Self.end(counters, nanoseconds: 7)
        Self.end(counters, nanoseconds: .max)

        #expect(Self.sum(counters).durationBuckets == [2])
    }

    @Test func `more bounds than the limit trap`() async {
        await #expect(processExitsWith: .failure) {
            _ = LaneCounters(
                boundsSeconds: (0...LaneCounters.boundLimit).map { Double($0) }
            )
        }
    }

    @Test func `requests are told apart by method and status`() {
        let counters = LaneCounters(boundsSeconds: [1])
        Self.end(counters, .get, 200)
        Self.end(counters, .get, 200)
        Self.end(counters, .get, 404)
        Self.end(counters, .other, 599)
        Self.end(counters, .post, 100)

        let requests = Self.sum(counters).requests

        let rows = Set(requests.map { "\($0.method) \($0.status) \($0.count)" })
        #expect(rows == ["GET 200 2", "GET 404 1", "OTHER 599 1", "POST 100 1"])
        #expect(requests.count == rows.count)
    }

    @Test(
        "a status outside the codes counts as the nearest",
        arguments: [(0, 100), (99, 100), (100, 100), (599, 599), (600, 599), (999, 599)]
            as [(UInt16, Int)]
    )
    func clampedStatus(status: UInt16, expected: Int) {
        let counters = LaneCounters(boundsSeconds: [])

        for method in Method.allCases { Self.end(counters, method, status) }

        let requests = Self.sum(counters).requests
        #expect(requests.map(\.status) == Array(repeating: expected, count: Method.allCases.count))
        #expect(requests.allSatisfy { $0.count == 1 })
    }

    @Test func `workers add up`() {
        let first = LaneCounters(boundsSeconds: [1])
        let second = LaneCounters(boundsSeconds: [1])
        Self.end(first, nanoseconds: 500_000_000)
        Self.end(second, nanoseconds: 1_500_000_000)
        first.began()
        first.wasSplit()
        second.wasSplit()
        second.tunnelOpened()
        second.tunnelOpened()
        second.tunnelClosed()
        second.connected(after: .milliseconds(250))

        let lane = Self.sum(first, second)

        #expect(lane.durationBuckets == [1, 1])
        #expect(lane.durationSumSeconds == 2)
        #expect(lane.connectBuckets == [1, 0])
        #expect(lane.connectSumSeconds == 0.25)
        #expect(lane.inFlight == 1)
        #expect(lane.split == 2)
        #expect(lane.tunnels == 1)
        #expect(lane.requestBytes == 200)
        #expect(lane.responseBytes == 2_000)
        #expect(lane.requests.map(\.count) == [2])
    }
}
