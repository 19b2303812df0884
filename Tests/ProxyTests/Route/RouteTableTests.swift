import Testing

@testable import Proxy

@Suite("Route table")
struct RouteTableTests {
    @Test(
        "exact paths go before the longest prefix, and that before the rest",
        arguments: [
            ("/health", 1), ("/health?full=1", 1), ("/healthz", 0), ("/health/", 0),
            ("/api/", 2), ("/api/users", 2), ("/api/v2/", 3), ("/api/v2/users?x=/api/", 3),
            ("/api/v2/login", 4), ("/api/v2/login/x", 3), ("/api", 0), ("/", 0),
            ("http://example.org/health", 1), ("http://example.org", 0),
        ]
    )
    func specificity(path: String, service: Int) throws {
        let table = RouteTable([
            Config.Route(service: 0),
            Config.Route(path: .prefix("/api/"), service: 2),
            Config.Route(path: .prefix("/api/v2/"), service: 3),
            Config.Route(path: .exact("/api/v2/login"), service: 4),
            Config.Route(path: .exact("/health"), service: 1),
        ])

        #expect(try table.service(RouteRequest(path)) == service)
    }

    @Test(
        "a prefix without a slash at its end takes whole segments",
        arguments: [
            ("/api", 1), ("/api/", 1), ("/api/x", 1), ("/api?x", 1), ("/apix", nil), ("/ap", nil),
            ("/api%2Fx", nil), ("/API", nil), ("/", nil),
        ] as [(String, Int?)]
    )
    func segments(path: String, service: Int?) throws {
        let table = RouteTable([Config.Route(path: .prefix("/api"), service: 1)])

        #expect(try table.service(RouteRequest(path)) == service)
    }

    @Test(
        "paths are compared as they came, never normalised",
        arguments: [
            ("/api/../admin", 1), ("/api/%2e%2e/admin", 1), ("/api//x", 1), ("//api/x", nil),
            ("/./api/x", nil), ("/%61pi/x", nil), ("/x/../api/y", nil), ("/Api/x", nil),
            ("/api;v=1/x", nil), ("/api\\x", nil),
        ] as [(String, Int?)]
    )
    func rawPaths(path: String, service: Int?) throws {
        let table = RouteTable([Config.Route(path: .prefix("/api/"), service: 1)])

        #expect(try table.service(RouteRequest(path)) == service)
    }

    @Test(
        "a host matches without its port, in any case",
        arguments: [
            ("example.org", 1), ("EXAMPLE.Org", 1), ("example.org:8080", 1), ("example.org.", 1),
            ("example.org.:80", 1), ("example.org:", 1), ("www.example.org", 2),
            ("a.b.example.org:1", 2), ("badexample.org", 0), (".example.org", 0), ("[::1]", 3),
            ("[::1]:8080", 3), ("", 0),
            ("example.com", 0),
        ]
    )
    func hosts(host: String, service: Int) throws {
        let table = RouteTable([
            Config.Route(host: "example.org", service: 1),
            Config.Route(host: "*.example.org", service: 2),
            Config.Route(host: "[::1]", service: 3),
            Config.Route(service: 0),
        ])

        #expect(try table.service(RouteRequest("/", host: host)) == service)
    }

    @Test(
        "methods match whole",
        arguments: [
            ("GET", 1), ("POST", 1), ("HEAD", 0), ("GETS", 0), ("GE", 0), ("PUT", 0),
        ]
    )
    func methods(method: String, service: Int) throws {
        let table = RouteTable([
            Config.Route(methods: ["GET", "POST"], service: 1),
            Config.Route(service: 0),
        ])

        #expect(try table.service(RouteRequest("/", method: method)) == service)
    }

    @Test(
        "a header matches by name in any case and by its whole value",
        arguments: [
            ([("X-Beta", "yes")], 1), ([("x-beta", "yes")], 1), ([("X-BETA", "Yes")], 2),
            ([("X-Beta", "")], 2), ([("X-Beta", "no"), ("X-Beta", "yes")], 1),
            ([("X-Beta", "yes, no")], 2), ([("X-Betas", "yes")], 0), ([("X-Bet", "yes")], 0),
            ([], 0),
        ] as [([(String, String)], Int)]
    )
    func headers(fields: [(String, String)], service: Int) throws {
        let table = RouteTable([
            Config.Route(header: .init(name: "x-beta", value: "yes"), service: 1),
            Config.Route(header: .init(name: "x-beta", value: nil), service: 2),
            Config.Route(service: 0),
        ])

        #expect(try table.service(RouteRequest("/", fields: fields)) == service)
    }

    @Test func `among equal paths the file's order decides, however narrow a route is`() throws {
        let table = RouteTable([
            Config.Route(path: .prefix("/api/"), service: 1),
            Config.Route(path: .prefix("/api/"), host: "example.org", service: 2),
        ])

        #expect(try table.service(RouteRequest("/api/")) == 1)
    }

    @Test func `a narrower condition that fails leaves the request to the next route`() throws {
        let table = RouteTable([
            Config.Route(path: .exact("/health"), methods: ["POST"], service: 1),
            Config.Route(path: .prefix("/"), host: "other.org", service: 2),
            Config.Route(service: 3),
        ])

        #expect(try table.service(RouteRequest("/health")) == 3)
    }

    @Test func `an empty value is a value to compare`() throws {
        let table = RouteTable([
            Config.Route(header: .init(name: "x-beta", value: ""), service: 1)
        ])

        #expect(try table.service(RouteRequest("/", fields: [("X-Beta", "")])) == 1)
        #expect(try table.service(RouteRequest("/", fields: [("X-Beta", "a")])) == nil)
    }

    @Test func `an absolute target without a path is a request for the root`() throws {
        let table = RouteTable([
            Config.Route(path: .exact("/"), service: 1),
            Config.Route(path: .prefix("/api"), service: 2),
        ])

        #expect(try table.service(RouteRequest("http://example.org")) == 1)
        #expect(try table.service(RouteRequest("http://example.org?x=1")) == 1)
    }

    @Test func `the server as a whole is routed as the root`() throws {
        let table = RouteTable([Config.Route(path: .exact("/"), service: 1)])

        #expect(try table.service(RouteRequest("*", method: "OPTIONS")) == 1)
    }

    @Test func `no route takes no request`() throws {
        #expect(try RouteTable([]).service(RouteRequest("/")) == nil)
    }

    @Test func `a route says whether it rescues assets`() throws {
        var assets = Config.Route(path: .prefix("/assets/"), service: 0)
        assets.rescuesAssets = true
        let table = RouteTable([assets, Config.Route(service: 0)])

        #expect(try table.route(RouteRequest("/assets/a.js"))?.rescuesAssets == true)
        #expect(try table.route(RouteRequest("/a.js"))?.rescuesAssets == false)
    }
}
