import Testing

@testable import Proxy

@Suite("Inherited sockets")
struct InheritedSocketsTests {
    private static func any4(_ port: UInt16) -> SocketAddress { .ip(IPAddress(v4: 0), port: port) }
    private static func any6(_ port: UInt16) -> SocketAddress {
        .ip(IPAddress(high: 0, low: 0), port: port)
    }

    @Test func `a listener takes the sockets that are written as it is`() {
        var sockets = InheritedSockets([
            .init(written: "127.0.0.1:0", bound: .loopback(port: 4), descriptors: [90, 91])
        ])

        let group = sockets.take(written: "127.0.0.1:0", bind: .loopback(port: 0))

        #expect(group?.descriptors == [90, 91])
        #expect(sockets.groups.isEmpty)
    }

    @Test func `or those that are bound where it wants to be`() {
        var sockets = InheritedSockets([
            .init(written: nil, bound: .loopback(port: 8_080), descriptors: [90])
        ])

        #expect(sockets.take(written: "x", bind: .loopback(port: 8_081)) == nil)
        #expect(sockets.take(written: "x", bind: .loopback(port: 8_080))?.descriptors == [90])
        #expect(sockets.take(written: "x", bind: .loopback(port: 8_080)) == nil)
    }

    @Test func `a wildcard of both families stands for one of IPv4`() {
        var sockets = InheritedSockets([
            .init(written: nil, bound: Self.any6(8_080), descriptors: [90])
        ])

        #expect(sockets.take(written: "x", bind: Self.any4(8_081)) == nil)
        #expect(sockets.take(written: "x", bind: .loopback(port: 8_080)) == nil)
        #expect(sockets.take(written: "x", bind: Self.any4(8_080)) != nil)
    }

    @Test(arguments: 1...5, 1...5)
    func `no socket is without a worker, no worker without a socket`(sockets: Int, workers: Int) {
        // Numbers far above any open descriptor: closing them at the end touches nothing.
        let descriptors = (0..<sockets).map { Int32(1_000_000 + $0) }
        let listener = Listener(
            address: "x",
            inherited: .init(written: "x", bound: .loopback(port: 1), descriptors: descriptors),
            workers: workers
        )

        let shares = (0..<workers).map { listener.descriptors(ofWorker: $0) }

        #expect(Set(shares.joined()) == Set(descriptors))
        #expect(shares.allSatisfy { !$0.isEmpty })
        if sockets >= workers { #expect(shares.joined().count == sockets) }
    }
}
