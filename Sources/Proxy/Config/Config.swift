/// The checked, immutable configuration; `ConfigFile` makes it from `proxy.json`.
///
/// Whatever is here is possible: names exist, numbers are in range, addresses parse.
package struct Config: Sendable, Equatable {
    package var listeners: [Listener]
    /// Sorted by name; a route names a service by its place here.
    package var services: [Service]
    /// Exactly two, sorted by name; `SlotID.index` is the place here.
    package var slots: [Slot]
    /// The slot of the very first start; the state file rules afterwards.
    package var activeSlot: SlotID
    package var admin = Admin()
    /// Path of the state file; nil keeps the state in memory only.
    package var stateFile: String? = "state/switchyard.json"
    /// Worker threads; nil means one per core.
    package var workers: Int?
    package var canary = Canary()
    package var preview: Preview? = Preview()
    package var timeouts = Timeouts()
    package var limits = Limits()
    package var upstream = Upstream()
    package var forwarded = Forwarded()
    /// Where exchanges are logged; nil logs none.
    package var accessLog: AccessLog?
    package var errorLog = ErrorLog()
    /// Where load balancers ask the data port whether the active slot is served; nil for nowhere.
    package var healthPath: String?
    package var metrics = Metrics()
    package var judge = Judge()
    /// What a rollout does that brings no plan of its own.
    package var rollout = Rollout()

    package init(listeners: [Listener], services: [Service], slots: [Slot], activeSlot: SlotID) {
        self.listeners = listeners
        self.services = services
        self.slots = slots
        self.activeSlot = activeSlot
    }

    package func slot(named name: String) -> SlotID? {
        slots.firstIndex { $0.name == name }.map { SlotID($0) }
    }
}

extension Config {
    /// A bound address with its routes.
    package struct Listener: Sendable, Equatable {
        /// As written, such as `0.0.0.0:8080`; names the listener in logs and across reloads.
        package var address: String
        package var bind: SocketAddress
        /// In file order; `RouteTable` sorts them by specificity.
        package var routes: [Route]

        package init(address: String, bind: SocketAddress, routes: [Route]) {
            self.address = address
            self.bind = bind
            self.routes = routes
        }
    }

    /// A match that names a service; every condition that is present must hold.
    package struct Route: Sendable, Equatable {
        package enum Path: Sendable, Equatable {
            case any
            case exact(String)
            case prefix(String)
        }

        package struct HeaderMatch: Sendable, Equatable {
            /// Lower case.
            package var name: String
            /// nil: the field has to be present with whatever value.
            package var value: String?

            package init(name: String, value: String?) {
                self.name = name
                self.value = value
            }
        }

        package var path: Path
        /// Lower case and without a port, `*.example.org` for subdomains; nil matches every host.
        package var host: String?
        package var header: HeaderMatch?
        /// Empty: every method.
        package var methods: [String]
        /// Index into `Config.services`.
        package var service: Int
        /// As the judge and the metrics call it; nil takes a name from the match.
        package var name: String?
        package var judged = Judged.byDefault
        /// A GET that is 404 in its slot is tried in the other one.
        package var rescuesAssets = false

        package init(
            path: Path = .any,
            host: String? = nil,
            header: HeaderMatch? = nil,
            methods: [String] = [],
            service: Int
        ) {
            self.path = path
            self.host = host
            self.header = header
            self.methods = methods
            self.service = service
        }
    }

    /// One part of the application, which every slot runs.
    package struct Service: Sendable, Equatable {
        package var name: String
        package var healthCheck: HealthCheck
        package var judged = Judged.byDefault

        package init(name: String, healthCheck: HealthCheck = HealthCheck()) {
            self.name = name
            self.healthCheck = healthCheck
        }
    }

    /// How an endpoint is probed.
    package struct HealthCheck: Sendable, Equatable {
        package enum Probe: Sendable, Equatable {
            /// No probes: the endpoint counts as healthy (`"health_check": false`).
            case none
            /// A TCP connect (no `path` given).
            case connect
            /// `GET path`: healthy on any status from 200 to 399.
            case get(path: String)
        }

        package var probe = Probe.connect
        package var interval = Duration.seconds(2)
        package var timeout = Duration.seconds(2)
        /// Passed probes in a row that make an unhealthy endpoint healthy.
        package var rise = 2
        /// Failed probes in a row that make a healthy endpoint unhealthy.
        package var fall = 3
        /// The `Host` field of the probe; nil sends the endpoint's authority.
        package var host: String?

        package init() {}
    }

    /// A whole deployed version of the application.
    package struct Slot: Sendable, Equatable {
        package var name: String
        /// Endpoints of each service, by the service's place in `Config.services`.
        package var endpoints: [[Endpoint]]

        package init(name: String, endpoints: [[Endpoint]]) {
            self.name = name
            self.endpoints = endpoints
        }
    }

    /// One address of one service in one slot.
    package struct Endpoint: Sendable, Equatable, Hashable {
        package enum Target: Sendable, Equatable, Hashable {
            case address(SocketAddress)
            /// A name to resolve.
            case name(host: String, port: UInt16)
        }

        /// As written, such as `backend-blue:8000` or `unix:/run/app.sock`.
        package var authority: String
        package var target: Target
        package var weight: Int

        package init(authority: String, target: Target, weight: Int = 1) {
            self.authority = authority
            self.target = target
            self.weight = weight
        }
    }

    package struct Admin: Sendable, Equatable {
        package var address = "127.0.0.1:8081"
        package var bind = SocketAddress.loopback(port: 8081)
        /// File with the token of the role `switch` (everything).
        package var tokenFile: String?
        /// File with the token of the role `read` (GET only).
        package var readTokenFile: String?
        /// What may be looked at without a token, where there are tokens.
        package var withoutToken: [OpenPath]?

        /// Pages that tell no more than a name or a yes.
        package enum OpenPath: String, CaseIterable, Sendable {
            case activeSlot = "/active-slot"
            case inactiveSlot = "/inactive-slot"
            case liveness = "/healthz"
            case readiness = "/readyz"
        }

        package init() {}
    }

    /// How a request asks for a slot that is not live.
    package struct Preview: Sendable, Equatable {
        /// Name of the field whose value is the slot.
        package var header = "X-Slot"
        /// Name of the field that carries the token.
        package var tokenHeader = "X-Slot-Token"
        /// File with the token; nil asks for none.
        package var tokenFile: String?
        /// The token that the file held when the configuration was loaded.
        package var token: String?

        package init() {}
    }

    package struct Timeouts: Sendable, Equatable {
        package var connect = Duration.seconds(2)
        package var responseHead = Duration.seconds(60)
        package var streamIdle = Duration.seconds(300)
        package var requestHead = Duration.seconds(10)
        package var requestBody = Duration.seconds(60)
        package var keepalive = Duration.seconds(75)
        package var drain = Duration.seconds(30)
        package var streamDrain = Duration.seconds(300)
        /// For the process of an upgrade to become ready.
        package var upgrade = Duration.seconds(30)

        package init() {}
    }

    package struct Limits: Sendable, Equatable {
        package var headBytes = 32 * 1024
        package var fields = 100
        package var targetBytes = 8 * 1024
        /// Largest request body; nil is without limit.
        package var bodyBytes: UInt64?
        package var downstreamConnections = 65_536
        /// How often one client may ask; nil is without limit.
        package var clientRequests: ClientRequests?
        /// Connections that one client may have open; nil is without limit.
        package var clientConnections: Int?

        package init() {}
    }

    /// A token bucket for each client.
    package struct ClientRequests: Sendable, Equatable {
        package var perSecond = 100
        /// Requests that may come at once after a quiet time.
        package var burst = 200

        package init() {}
    }

    package struct Upstream: Sendable, Equatable {
        package enum Balance: String, Sendable, Equatable, CaseIterable {
            case leastRequest = "least_request"
            case roundRobin = "round_robin"
        }

        /// Idle connections kept per endpoint and worker.
        package var idleConnections = 128
        package var idleTimeout = Duration.seconds(60)
        /// Further attempts after the first.
        package var retries = 1
        package var retryBudgetPercent = 20
        package var balance = Balance.leastRequest
        /// How often names are resolved again.
        package var resolveInterval = Duration.seconds(5)
        /// How real traffic takes an endpoint out; nil leaves that to the health checks.
        package var ejection: Ejection? = Ejection()
        /// How long the share of an endpoint that comes back grows; nil gives it all at once.
        package var slowStart: Duration?
        /// Requests go to endpoints that are not healthy where no other is left.
        package var failOpen = false
        /// Connections to one endpoint over all workers; nil is without limit.
        package var maxConnections: Int?
        package var queue = Queue()

        package init() {}
    }

    /// When an endpoint is taken out because of real traffic, and for how long.
    package struct Ejection: Sendable, Equatable {
        /// Failures in a row; Envoy's number.
        package var consecutiveFailures = 5
        /// Share of the attempts in a window that may fail.
        package var failurePercent = 50
        /// With fewer attempts in a window a share says nothing.
        package var minimumRequests = 20
        package var window = Duration.seconds(10)
        /// The first ejection; each further one takes twice as long.
        package var time = Duration.seconds(10)
        package var timeLimit = Duration.seconds(300)
        /// Whether a response with a status of 500 or above is a failure.
        package var serverErrors = false

        package init() {}
    }

    /// Where requests wait while `maxConnections` are in use.
    package struct Queue: Sendable, Equatable {
        /// Of each service in each slot and worker.
        package var requests = 128
        package var timeout = Duration.seconds(1)

        package init() {}
    }

    package struct Forwarded: Sendable, Equatable {
        package var trustedProxies: [AddressRange] = []
        package var requestID = "X-Request-ID"
        package var traceParent = TraceParentRule.pass

        package enum TraceParentRule: String, CaseIterable, Sendable {
            /// The field goes on as it came.
            case pass
            /// A missing or invalid one is replaced by a new trace.
            case make
        }

        package init() {}
    }

    package struct AccessLog: Sendable, Equatable {
        /// `-` is standard output.
        package var path: String
        package var format = Format.json

        package enum Format: String, CaseIterable, Sendable { case json, combined }

        package init(path: String) { self.path = path }
    }

    /// What is told on standard error.
    package struct ErrorLog: Sendable, Equatable {
        package enum Level: String, CaseIterable, Sendable {
            /// Answers from 500 up, and endpoints that fall out.
            case error
            /// Answers from 400 up too.
            case warn
            /// All there is to tell.
            case info
        }

        package var level = Level.info
        /// Of one cause, from one worker.
        package var linesPerSecond = 10

        package init() {}
    }

    package struct Metrics: Sendable, Equatable {
        /// Upper bounds of the latency histogram, rising.
        package var bucketsSeconds: [Double] = [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 30, 60,
        ]

        package init() {}
    }
}
