import TestSupport
import Testing

@testable import Proxy

@Suite("Client connection table")
struct ClientConnectionTableTests {
    private static func table() -> ClientConnectionTable {
        var random = Random(seed: (1, 2, 3, 4))
        return ClientConnectionTable(random: &random)
    }

    @Test func `a client gets as many as it may have, and one more for each that it gives back`() {
        let table = Self.table()
        let client = IPAddress(v4: 1)

        var places: [Int32] = []
        for _ in 0..<3 {
            guard case .counted(let place) = table.enter(client, limit: 3) else {
                Issue.record("refused within the limit")
                return
            }
            places.append(place)
        }
        #expect(table.enter(client, limit: 3) == .refused)
        #expect(table.enter(client, limit: 4) == .counted(places[0]))
        table.leave(places[0])
        table.leave(places[0])
        #expect(table.enter(client, limit: 3) == .counted(places[0]))
        #expect(table.enter(IPAddress(v4: 2), limit: 1) != .refused)
    }

    @Test func `a full set lets others in uncounted, and nobody out of his place`() {
        let table = Self.table()
        var uncounted = 0
        for bits in 0..<2 * UInt32(ClientConnectionTable.placeCount) {
            switch table.enter(IPAddress(v4: bits), limit: 1) {
            case .counted: break
            case .uncounted: uncounted += 1
            case .refused: Issue.record("client \(bits) has no connection yet")
            }
        }

        // Half of them found no place, for so many are not there.
        #expect(uncounted >= ClientConnectionTable.placeCount)
        #expect(uncounted < ClientConnectionTable.placeCount * 11 / 10)
    }

    @Test func `places that are free again serve others`() {
        let table = Self.table()
        for bits in 0..<4 * UInt32(ClientConnectionTable.placeCount) {
            guard case .counted(let place) = table.enter(IPAddress(v4: bits), limit: 1) else {
                Issue.record("no place for client \(bits)")
                return
            }
            table.leave(place)
        }
    }

    @Test func `threads that come and go never pass the limit`() {
        let table = Self.table()
        let client = IPAddress(v4: 9)
        let now = Monitor((count: 0, most: 0))
        let threads = (0..<4).map { _ in
            WorkThread {
                for _ in 0..<2_000 {
                    guard case .counted(let place) = table.enter(client, limit: 2) else { continue }
                    now.use { now in
                        now.count += 1
                        now.most = max(now.most, now.count)
                    }
                    now.use { $0.count -= 1 }
                    table.leave(place)
                }
            }
        }
        for thread in threads { thread.join() }

        #expect((1...2).contains(now.current.most))
        #expect(table.enter(client, limit: 1) != .refused)
    }
}
