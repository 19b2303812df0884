import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("Reload")
struct ReloadTests {
    private static let secondHost = "127.0.0.2"

    @Test func `a listener that is added serves, and one that is removed refuses`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let before = proxy.server.config
        let added = before.with {
            $0.listeners.append(.forTests(host: Self.secondHost, routes: [.init(service: 0)]))
        }

        try proxy.server.reload(added)
        let port = try proxy.port(ofListener: "\(Self.secondHost):0")
        let served = try RawDownstream(port: port, host: Self.secondHost).get("/")
        try proxy.server.reload(before)

        #expect(served.status == 200)
        #expect(throws: WireFailure.system(call: "connect", code: ECONNREFUSED)) {
            _ = try RawDownstream(port: port, host: Self.secondHost)
        }
        #expect(try proxy.get().status == 200)
    }

    @Test func `an exchange on a listener that is removed comes to its end`() throws {
        let answer = Gate()
        let origin = try OriginServer { exchange in
            try answer.pass()
            try exchange.respond(body: "whole")
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.listeners.append(.forTests(host: Self.secondHost, routes: [.init(service: 0)]))
        }
        let port = try proxy.port(ofListener: "\(Self.secondHost):0")
        let downstream = try RawDownstream(port: port, host: Self.secondHost)
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try origin.waitForRequests(1)

        try proxy.server.reload(proxy.server.config.with { $0.listeners.removeLast() })
        answer.open()

        #expect(try downstream.response().text == "whole")
        try downstream.expectEnd()
    }

    @Test func `a head that came in pieces over a reload finds its listener in a new place`() throws
    {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()
        try downstream.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHo")
        #expect(try downstream.response().status == 200)

        let added = Config.Listener.forTests(host: Self.secondHost, routes: [.init(service: 0)])
        try proxy.server.reload(proxy.server.config.with { $0.listeners.insert(added, at: 0) })
        try downstream.send("st: a\r\n\r\n")

        #expect(try downstream.response().status == 200)
    }

    @Test func `a connection lives on and follows the new routes and limits`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()
        #expect(try downstream.get("/old").status == 200)

        try proxy.server.reload(
            proxy.server.config.with {
                $0.listeners[0].routes = [.init(path: .prefix("/new"), service: 0)]
                $0.limits.targetBytes = 50
            }
        )
        let statuses = try ["/old", "/new", "/new" + String(repeating: "x", count: 60)].map {
            try downstream.get($0).status
        }

        #expect(statuses == [404, 200, 414])
        // What did not change keeps its connections, upstream too.
        #expect(origin.connectionsUsed == 1)
    }

    @Test func `an endpoint that is replaced ends its exchanges and gets no new ones`() throws {
        let answer = Gate()
        let old = try OriginServer("old") { exchange in
            if exchange.request.target == "/hold" { try answer.pass() }
            try exchange.respond()
        }
        let new = try OriginServer("new")
        let proxy = try ProxyUnderTest(blue: old)
        let running = try proxy.connect()
        try running.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        try old.waitForRequests(1)

        try proxy.server.reload(
            proxy.server.config.with { $0.slots[0].endpoints = [[new.endpoint]] }
        )
        try proxy.waitForHealth(.healthy, of: new)
        let names = try (0..<10).map { _ in try proxy.get()["X-Origin"] }
        answer.open()

        #expect(Set(names) == ["new"])
        #expect(try running.response()["X-Origin"] == "old")
        #expect(old.requests.count == 1)
    }

    @Test func `a new endpoint is probed before it gets a request, and none fails meanwhile`()
        throws
    {
        let old = try OriginServer("old")
        let dead = try RefusingPort()
        let proxy = try ProxyUnderTest(blue: old)

        try proxy.server.reload(
            proxy.server.config.with {
                $0.slots[0].endpoints = [[old.endpoint, .loopback(dead.port)]]
            }
        )
        let statuses = try (0..<20).map { _ in try proxy.get().status }

        #expect(statuses == Array(repeating: 200, count: 20))
    }

    @Test func `the switched slot stays switched`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        proxy.switchTo(.green)
        let routing = proxy.server.routing

        try proxy.server.reload(proxy.server.config.with { $0.limits.fields = 50 })

        #expect(proxy.server.routing == routing)
        #expect(try proxy.get()["X-Origin"] == "green")
    }

    @Test func `a reload that cannot be done changes nothing`() throws {
        let origin = try OriginServer()
        let taken = try OriginServer("taken")
        let proxy = try ProxyUnderTest(blue: origin)
        let before = proxy.server.config
        let downstream = try proxy.connect()

        #expect(throws: StartFailure.self) {
            try proxy.server.reload(
                before.with {
                    $0.listeners.append(
                        Config.Listener(
                            address: taken.authority,
                            bind: .loopback(port: taken.port),
                            routes: [.init(service: 0)]
                        )
                    )
                    $0.listeners[0].routes = []
                    $0.limits.targetBytes = 10
                }
            )
        }

        #expect(proxy.server.config == before)
        #expect(try downstream.get("/longer-than-ten").status == 200)
        #expect(try proxy.get("/longer-than-ten").status == 200)
    }

    @Test func `reloads under load lose no request`() throws {
        let origins = try (0..<3).map { try OriginServer("\($0)", LoadClients.answer) }
        let proxy = try ProxyUnderTest(blue: origins[0])
        let base = proxy.server.config
        let load = LoadClients(Scale.of(32, floor: 8), port: proxy.port)
        try load.waitForResponses(100)

        for number in 0..<Scale.of(60, floor: 12) {
            let config = base.with {
                $0.limits.fields = 50 + number
                $0.timeouts.responseHead = .seconds(60 + number)
                $0.slots[0].endpoints = [origins[0...(number % 3)].map(\.endpoint)]
                if number.isMultiple(of: 2) {
                    $0.listeners.append(
                        .forTests(host: Self.secondHost, routes: [.init(service: 0)])
                    )
                    $0.listeners[0].routes.insert(
                        .init(path: .exact("/other"), service: 0),
                        at: 0
                    )
                }
            }
            try proxy.server.reload(config)
            try load.waitForResponses(20)
        }
        let tally = load.stop()

        #expect(tally.failureCount == 0, "\(tally.failures)")
    }
}
