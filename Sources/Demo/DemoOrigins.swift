import CLinux
import Glibc
import Proxy

/// A small application on every loopback endpoint that a configuration names.
package final class DemoOrigins: Sendable {
    /// Endpoints that are not on this machine's loopback and were left to others, as written.
    package let foreignEndpoints: [String]

    private let origins: [DemoOrigin]
    private let threads = Lock<[OriginThread]>([])

    /// Binds the origins and serves nothing yet; throws when an address is taken.
    package init(config: Config) throws(DemoFailure) {
        var origins: [DemoOrigin] = []
        var foreign: [String] = []
        var isComplete = false
        defer { if !isComplete { for origin in origins { origin.close() } } }
        for (slotIndex, slot) in config.slots.enumerated() {
            for (service, endpoints) in zip(config.services, slot.endpoints) {
                for endpoint in endpoints {
                    guard let (address, port) = Self.loopback(of: endpoint) else {
                        foreign.append(endpoint.authority)
                        continue
                    }
                    let identity = DemoIdentity(
                        slot: slot.name,
                        index: slotIndex,
                        service: service.name,
                        authority: endpoint.authority
                    )
                    guard let listener = OriginSocket.listening(on: address, port: port) else {
                        throw Self.failure(toBind: identity)
                    }
                    origins.append(DemoOrigin(listener: listener, identity: identity))
                }
            }
        }
        self.origins = origins
        foreignEndpoints = foreign
        isComplete = true
    }

    /// Starts a thread per origin.
    package func start() {
        threads.withLock { threads in
            for origin in origins {
                guard let thread = OriginThread({ origin.acceptConnections() }) else {
                    preconditionFailure("the system refused one of the first few threads")
                }
                threads.append(thread)
            }
        }
    }

    /// Ends every connection and frees the addresses; returns when all threads have ended.
    package func stop() {
        for origin in origins { origin.shutDown() }
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
        for origin in origins { origin.close() }
    }

    /// What runs where, and what to try, for the terminal.
    package func introduction(config: Config) -> String {
        DemoIntroduction(
            config: config,
            identities: origins.map(\.application.identity),
            foreignEndpoints: foreignEndpoints
        ).text
    }

    /// The address to bind for an endpoint that is ours; nil for one that is not.
    static func loopback(of endpoint: Config.Endpoint) -> (IPAddress, UInt16)? {
        switch endpoint.target {
        case .address(.ip(let address, let port)):
            let isLoopback =
                address.isV4
                ? address.low >> 24 & 0xFF == 127 : address == IPAddress(high: 0, low: 1)
            return isLoopback ? (address, port) : nil
        case .name(let host, let port):
            return host == "localhost" ? (IPAddress(v4: 0x7F00_0001), port) : nil
        case .address(.unix): return nil
        }
    }

    /// To be called while `errno` still has the reason.
    private static func failure(toBind identity: DemoIdentity) -> DemoFailure {
        let place = "\(identity.authority) (\(identity.slot) \(identity.service))"
        let advice =
            switch errno {
            case EADDRINUSE: "is taken: stop the program that listens there, or change the endpoint"
            case EACCES: "needs a privilege: choose a port above 1023"
            default: "cannot be bound (errno \(errno)): choose another endpoint"
            }
        return DemoFailure(message: "the demo origin \(place) \(advice)")
    }
}
