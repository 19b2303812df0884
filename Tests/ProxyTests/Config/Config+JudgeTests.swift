import Testing

@testable import Proxy

@Suite("What is judged")
struct JudgedRouteTests {
    private static func config(_ routes: [Config.Route]) -> Config {
        var check = Config.HealthCheck()
        check.probe = .get(path: "/health")
        return Config(
            listeners: [
                Config.Listener(address: ":1", bind: .loopback(port: 1), routes: routes)
            ],
            services: [Config.Service(name: "api", healthCheck: check)],
            slots: [],
            activeSlot: SlotID(0)
        )
    }

    /// The name of the judged route that takes a request for `path`; nil when none does.
    private static func judge(_ path: String, _ routes: [Config.Route]) throws -> String? {
        let config = config(routes)
        let table = RouteTable(routes, config.judgedPlaces)
        let match = try table.route(RouteRequest(path))
        return match?.judged.map { config.judgedRoutes[$0].name }
    }

    @Test(
        "a route's name is its match in short",
        arguments: [
            (Config.Route(service: 0), "*"),
            (Config.Route(path: .prefix("/api/"), service: 0), "/api/*"),
            (Config.Route(path: .prefix("/api"), service: 0), "/api/*"),
            (Config.Route(path: .exact("/login"), service: 0), "/login"),
            (Config.Route(host: "*.example.org", service: 0), "*.example.org/*"),
            (
                Config.Route(
                    path: .exact("/a"),
                    host: "example.org",
                    header: .init(name: "x-user", value: "me"),
                    methods: ["GET", "HEAD"],
                    service: 0
                ),
                "GET,HEAD example.org/a [x-user=me]"
            ),
        ]
    )
    func names(route: Config.Route, name: String) {
        #expect(route.judgedName.name == name)
    }

    @Test(
        "health checks and metrics are left out, also behind a route that takes everything",
        arguments: [
            ("/", "*"), ("/health", nil), ("/health?full=1", nil), ("/healthy", "*"),
            ("/metrics", nil), ("/metrics/x", "*"), ("/api/x", "/api/*"),
            ("/api/metrics", "/api/*"),
        ] as [(String, String?)]
    )
    func leftOut(path: String, name: String?) throws {
        let routes = [
            Config.Route(path: .exact("/health"), service: 0),
            Config.Route(path: .prefix("/api/"), service: 0), Config.Route(service: 0),
        ]

        #expect(try Self.judge(path, routes) == name)
    }

    @Test func `a route that wants to be judged is, whatever its path`() throws {
        var health = Config.Route(path: .exact("/health"), service: 0)
        health.judged = .always
        var rest = Config.Route(service: 0)
        rest.judged = .always

        #expect(try Self.judge("/health", [health]) == "/health")
        #expect(try Self.judge("/metrics", [rest]) == "*")
    }

    @Test func `a route that does not want to be is not`() throws {
        var api = Config.Route(path: .prefix("/api/"), service: 0)
        api.judged = .never

        #expect(try Self.judge("/api/x", [api, Config.Route(service: 0)]) == nil)
        #expect(try Self.judge("/", [api, Config.Route(service: 0)]) == "*")
    }

    @Test func `an exception takes nothing from a route with other conditions`() throws {
        let narrow = Config.Route(methods: ["POST"], service: 0)
        let config = Self.config([narrow, Config.Route(path: .exact("/metrics"), service: 0)])
        let table = RouteTable(config.listeners[0].routes, config.judgedPlaces)

        #expect(try table.route(RouteRequest("/health")) == nil)
        #expect(try table.service(RouteRequest("/metrics")) == 0)
        #expect(try table.route(RouteRequest("/x", method: "POST"))?.judged == 0)
    }

    @Test func `routes of one name are one`() {
        var first = Config.Route(path: .prefix("/v1/"), service: 0)
        var second = Config.Route(path: .prefix("/v2/"), service: 0)
        first.name = "api"
        second.name = "api"

        #expect(Self.config([first, second]).judgedRoutes.map(\.name) == ["api"])
    }
}

extension RouteTable.Match: Equatable {
    public static func == (left: RouteTable.Match, right: RouteTable.Match) -> Bool {
        left.service == right.service && left.judged == right.judged
    }
}
