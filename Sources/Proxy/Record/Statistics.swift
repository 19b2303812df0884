/// What all workers counted since the start, summed at one moment; counters only grow.
package struct Statistics: Sendable {
    /// One service in one slot; requests that were refused before routing have neither.
    package struct Lane: Sendable {
        package struct Requests: Sendable {
            /// `GET`, …; unknown methods are `OTHER`.
            package var method: String
            package var status: Int
            package var count: UInt64
        }

        package var slot: String?
        package var service: String?
        /// Only combinations that occurred.
        package var requests: [Requests] = []
        /// Not cumulative: one count per bucket, and a last one for everything slower.
        package var durationBuckets: [UInt64] = []
        package var durationSumSeconds = 0.0
        /// The newest request with a trace in each bucket.
        package var exemplars: [Exemplar?] = []
        package var inFlight = 0
        /// Bytes received from downstream, heads included.
        package var requestBytes: UInt64 = 0
        /// Bytes sent downstream, heads included.
        package var responseBytes: UInt64 = 0
        /// Seconds to connect, buckets as for the duration.
        package var connectBuckets: [UInt64] = []
        package var connectSumSeconds = 0.0
        /// Requests that the split sent here, with sessions; previews and rules left out.
        package var split: UInt64 = 0
        /// Requests that a rule put here.
        package var ruled: UInt64 = 0
        /// Requests that the other slot failed to answer, by reason; only those that occurred.
        package var rescued: [String: UInt64] = [:]
        /// Upgraded connections (WebSocket) open now.
        package var tunnels = 0
        /// Requests that were answered with 503 because no endpoint could be tried.
        package var unserved: UInt64 = 0
        /// Attempts at an endpoint that is ejected or not healthy, for want of another.
        package var lastResort: UInt64 = 0
        /// Requests in the queue for a connection now.
        package var waiting = 0
        package var queueFull: UInt64 = 0
        package var queueTimeouts: UInt64 = 0
        /// Attempts that followed a failed one in the same slot.
        package var retries: UInt64 = 0
        /// Those that the budget did not allow.
        package var retriesRefused: UInt64 = 0
    }

    /// One endpoint of one service in one slot.
    package struct Endpoint: Sendable {
        package var slot: String
        package var service: String
        /// As written in the configuration.
        package var endpoint: String
        /// Where it is now; nil until its name was resolved.
        package var address: String?
        package var health: Health
        /// Why the last failed probe failed; nil while healthy.
        package var reason: String?
        package var weight: Int
        package var probesPassed: UInt64 = 0
        package var probesFailed: UInt64 = 0
        /// Outcome name and count, only those that occurred.
        package var attempts: [(outcome: String, count: UInt64)] = []
        package var inFlight = 0
        package var idleConnections = 0
        package var activeConnections = 0
        package var isEjected = false
        /// What is left of the ejection's time; 0 when only a probe is awaited.
        package var ejectedForSeconds = 0.0
        /// By cause, all of them.
        package var ejections: [(reason: String, count: UInt64)] = []
    }

    package var lanes: [Lane] = []
    package var endpoints: [Endpoint] = []
    /// Upper bounds in seconds of all histograms here.
    package var bucketsSeconds: [Double] = []
    /// Connections with an exchange and without one.
    package var downstreamActive = 0
    package var downstreamIdle = 0
    package var downstreamAccepted: UInt64 = 0
    /// Connections closed at once, because their client had as many as it may have.
    package var clientConnectionsRefused: UInt64 = 0
    /// Requests answered with 429, because their client sent them too quickly.
    package var clientRequestsRefused: UInt64 = 0
    package var logLinesDropped: UInt64 = 0
    /// Lines of the error log beyond the limit of their cause.
    package var logLinesHeldBack: UInt64 = 0
    /// Times that accepting rested at the limit of connections.
    package var acceptPausesAtLimit: UInt64 = 0
    /// Times that it rested for want of a descriptor.
    package var acceptPausesForDescriptors: UInt64 = 0

    package init() {}
}

/// The verdict of the health checks on an endpoint.
package enum Health: UInt8, Sendable {
    /// Before the first probe has ended; takes no traffic.
    case unknown
    case healthy
    case unhealthy
}
