@testable import Proxy

extension ConnectionPool {
    /// A pool of one worker's, at an endpoint of its own.
    static func forTests(
        _ health: Health = .healthy,
        address: SocketAddress? = .loopback(port: 8000),
        idleLimit: Int = 4
    ) -> ConnectionPool {
        let endpoint = Endpoint.forTests()
        endpoint.set(health, reason: nil)
        return ConnectionPool(
            endpoint: endpoint,
            worker: 0,
            address: address,
            idleLimit: idleLimit
        )
    }
}

extension Endpoint {
    static func forTests(workers: Int = 1) -> Endpoint {
        let identity = Identity(slot: SlotID(0), service: "app", authority: "127.0.0.1:8000")
        return Endpoint(identity: identity, workers: workers)
    }
}
