/// The data plane: what the rest of the program may ask of it.
///
/// Every function may be called from any thread but a worker's; those that change something are
/// to be called one at a time (the control plane does that).
package final class ProxyServer: Sendable {
    /// Binds all listeners and serves nothing yet; throws when an address is taken or not allowed.
    package init(config: Config, routing: RoutingState) throws(StartFailure) {}

    /// Starts the workers, the health checks and the resolver.
    ///
    /// Connections wait in the listen queue until every endpoint has had its first probe.
    package func start() {}

    /// The routing that new requests follow.
    package var routing: RoutingState { fatalError() }
    /// The configuration that new requests follow.
    package var config: Config { fatalError() }
    /// Listener addresses as written, and as bound (port 0 becomes the port taken).
    package var listenerAddresses: [(written: String, bound: String)] { [] }

    /// Makes `routing` the one that all requests from now on follow; returns when every worker
    /// has confirmed it.
    package func publish(_ routing: RoutingState) {}

    /// Applies a new configuration, all or nothing; returns when every worker has confirmed it.
    package func reload(_ config: Config) throws(StartFailure) {}

    /// Opens the access log's file anew, after it was moved away.
    package func reopenLogs() {}

    package func statistics() -> Statistics { Statistics() }
    /// Whether each endpoint has had its first probe, so that connections are accepted.
    package var isReady: Bool { false }

    /// Stops accepting, lets exchanges end within the drain timeouts, stops the workers; returns
    /// when all is closed.
    package func drain() {}
    /// Closes everything at once.
    package func stop() {}
}

/// Why listeners could not be opened: a sentence for the operator.
package struct StartFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}
