import TestSupport
import Testing

@testable import Proxy

@Suite("Client request table")
struct ClientRequestTableTests {
    private static func rate(perSecond: Int, burst: Int) -> ClientRequestTable.Rate {
        var requests = Config.ClientRequests()
        requests.perSecond = perSecond
        requests.burst = burst
        return ClientRequestTable.Rate(requests)
    }

    private static func time(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    private static func table(seed: UInt64 = 1) -> ClientRequestTable {
        var random = Random(seed: (seed, 2, 3, 4))
        return ClientRequestTable(random: &random)
    }

    @Test func `a burst goes through, then one in each pause`() {
        let table = Self.table()
        let rate = Self.rate(perSecond: 10, burst: 5)
        let client = IPAddress(v4: 0xC000_0201)

        let atOnce = (0..<8).map { _ in table.take(client, rate, now: Self.time(0)) }
        let later = (1...10).map { table.take(client, rate, now: Self.time(Int64($0) * 50)) }

        #expect(atOnce == [true, true, true, true, true, false, false, false])
        #expect(later == [false, true, false, true, false, true, false, true, false, true])
    }

    @Test func `in the long run the rate is exact, however much is asked`() {
        let table = Self.table()
        let rate = Self.rate(perSecond: 100, burst: 1)
        let client = IPAddress(v4: 1)

        let taken = (0..<10_000).reduce(0) {
            $0 + (table.take(client, rate, now: Self.time(Int64($1))) ? 1 : 0)
        }

        #expect(taken == 1_000)
    }

    @Test func `a quiet time saves up a burst and no more`() {
        let table = Self.table()
        let rate = Self.rate(perSecond: 10, burst: 3)
        let client = IPAddress(v4: 1)
        _ = table.take(client, rate, now: Self.time(0))

        let taken = (0..<10).filter { _ in table.take(client, rate, now: Self.time(3_600_000)) }

        #expect(taken.count == 3)
    }

    @Test func `clients do not share, but the addresses of one subscriber do`() {
        let table = Self.table()
        let rate = Self.rate(perSecond: 1, burst: 1)
        let network: UInt64 = 0x2001_0DB8_0000_0001

        #expect(table.take(IPAddress(high: network, low: 1), rate, now: Self.time(0)))
        #expect(!table.take(IPAddress(high: network, low: 2), rate, now: Self.time(0)))
        #expect(table.take(IPAddress(high: network + 1, low: 1), rate, now: Self.time(0)))
        for bits in 0..<1_000 as Range<UInt32> {
            #expect(table.take(IPAddress(v4: bits), rate, now: Self.time(0)))
        }
    }

    @Test func `a full table refuses nobody who keeps to the limit`() {
        let table = Self.table()
        let rate = Self.rate(perSecond: 1, burst: 2)

        // Many more clients than places, all of them within their limit.
        let refused = (0..<3 * UInt32(ClientRequestTable.placeCount)).filter {
            !table.take(IPAddress(v4: $0), rate, now: Self.time(0))
        }

        #expect(refused.isEmpty)
    }

    @Test func `workers that ask at the same time get the burst once`() throws {
        let table = Self.table()
        let rate = Self.rate(perSecond: 1, burst: 1_000)
        let client = IPAddress(v4: 7)
        #expect(table.take(client, rate, now: Self.time(0)))

        let taken = Monitor(1)
        let threads = (0..<4).map { _ in
            WorkThread {
                let mine = (0..<1_000).filter { _ in table.take(client, rate, now: Self.time(0)) }
                taken.use { $0 += mine.count }
            }
        }
        for thread in threads { thread.join() }

        #expect(taken.current == 1_000)
    }
}
