import TestSupport
import Testing

@testable import Proxy

@Suite("Connection pool")
struct ConnectionPoolTests {
    @Test func `the connection parked last is taken first`() {
        let pool = ConnectionPool.forTests()
        for connection in [7, 3, 9] { #expect(pool.park(connection)) }

        #expect([pool.takeIdle(), pool.takeIdle(), pool.takeIdle()] == [9, 3, 7])
        #expect(pool.takeIdle() == nil)
    }

    @Test func `beyond its limit a pool says that the last one is to go`() {
        let pool = ConnectionPool.forTests(idleLimit: 2)

        let surplus = [1, 2, 3].map { connection in
            #expect(pool.park(connection))
            return pool.hasSurplus
        }

        #expect(surplus == [false, false, true])
        #expect(pool.takeIdle() == 3)
        #expect(!pool.hasSurplus)
    }

    @Test func `a pool without room for idle ones keeps none`() {
        let pool = ConnectionPool.forTests(idleLimit: 0)

        #expect(!pool.park(1))
        #expect(pool.takeIdle() == nil)
    }

    @Test func `a retired pool keeps none, and gives out what it has`() {
        let pool = ConnectionPool.forTests()
        #expect(pool.park(1))

        pool.isRetired = true

        #expect(!pool.park(2))
        #expect(pool.takeIdle() == 1)
    }

    @Test func `a closed connection is forgotten wherever it stands`() {
        let pool = ConnectionPool.forTests()
        for connection in [1, 2, 3] { _ = pool.park(connection) }

        pool.remove(2)

        #expect(pool.counters.idleCount == 2)
        #expect([pool.takeIdle(), pool.takeIdle(), pool.takeIdle()] == [3, 1, nil])
    }

    @Test func `a connection that is not idle cannot be removed`() async {
        await #expect(processExitsWith: .failure) {
            let pool = ConnectionPool.forTests()
            _ = pool.park(1)
            pool.remove(2)
        }
    }

    @Test(
        "only a healthy endpoint with an address takes traffic",
        arguments: [
            (.healthy, .loopback(port: 1), true),
            (.healthy, nil, false),
            (.unknown, .loopback(port: 1), false),
            (.unhealthy, .loopback(port: 1), false),
        ] as [(Health, SocketAddress?, Bool)]
    )
    func takesTraffic(health: Health, address: SocketAddress?, expected: Bool) {
        let pool = ConnectionPool.forTests(health, address: address)

        #expect(pool.mayTakeTraffic == expected)
    }

    @Test func `attempts are counted while they run and by how they ended`() {
        let pool = ConnectionPool.forTests()

        for _ in 0..<3 { pool.attemptBegan() }
        pool.attemptEnded(.success)
        pool.attemptEnded(.closed)

        #expect(pool.inFlight == 1)
        #expect(pool.counters.inFlightCount == 1)
        #expect(pool.counters.attempts(.success) == 1)
        #expect(pool.counters.attempts(.closed) == 1)
        #expect(pool.counters.attempts(.aborted) == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `it agrees with a plain list over random moves`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pool = ConnectionPool.forTests(idleLimit: 8)
        var list: [Int] = []

        for connection in 0..<2_000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                #expect(pool.park(connection))
                list.append(connection)
                #expect(pool.hasSurplus == (list.count > 8))
            case 2:
                #expect(pool.takeIdle() == list.popLast())
            default:
                guard let gone = list.randomElement(using: &random) else { continue }
                pool.remove(gone)
                list.removeAll { $0 == gone }
            }
            #expect(pool.counters.idleCount == list.count)
        }
    }
}
