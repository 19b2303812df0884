import Proxy
import Testing

@testable import Admin

@Suite("Admin routes: looking")
struct AdminLookingTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    @Test func `the slots are told in one word each`() throws {
        #expect(try yard.ask("GET", "/active-slot") == (200, "blue\n"))
        #expect(try yard.ask("GET", "/inactive-slot") == (200, "green\n"))
    }

    @Test func `the active slot as JSON has what decides about it`() throws {
        let text = try yard.ask("GET", "/active-slot?format=json").text
        let json = try JSONParser.parse(Array(text.utf8))

        #expect(json["slot"]?.string == "blue")
        #expect(json["generation"]?.integer == 1)
        #expect(json["healthy"]?.bool == true)
        #expect(json["canary"]?.isNull == true)
        #expect(json["since"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `the status tells slots, endpoints, addresses and configuration`() throws {
        #expect(try yard.status("active")?.string == "blue")
        #expect(try yard.status("ready")?.bool == true)
        #expect(try yard.status("slots", "blue", "weight_percent")?.integer == 100)
        let endpoint = try yard.status("slots", "green", "services", "web", "endpoints")?.array?
            .first
        #expect(endpoint?["health"]?.string == "healthy")
        #expect(try yard.status("admin", "bound")?.string == "127.0.0.1:\(yard.port)")
        let listener = try #require(try yard.status("listeners")?.array?.first)
        #expect(listener["address"]?.string == "127.0.0.1:0")
        #expect(listener["bound"]?.string?.hasSuffix(":0") == false)
        #expect(try yard.status("config", "hash")?.string == yard.server.config.hash)
        #expect(try yard.status("version")?.string == Version.text)
    }

    @Test func `the program lives and is ready`() throws {
        #expect(try yard.ask("GET", "/healthz") == (200, "ok\n"))
        #expect(try yard.ask("GET", "/readyz") == (200, "ready\n"))
    }

    @Test func `the configuration that runs is told`() throws {
        let answer = try yard.ask("GET", "/config")

        #expect(answer.status == 200)
        #expect(answer.text == yard.server.config.redactedJSON())
    }

    @Test func `metrics come in both formats, and promtool has nothing to say`() throws {
        let page = try yard.ask("GET", "/metrics")
        let open = try yard.exchange(
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Accept: application/openmetrics-text\r\n\r\n"
        )

        #expect(page.text.contains("\nactive_slot{slot=\"blue\"} 1\n"))
        #expect(page.text.contains("\nprocess_threads "))
        #expect(try Promtool.findings(page.text) == "")
        #expect(open.contains("Content-Type: application/openmetrics-text; version=1.0.0;"))
        #expect(open.hasSuffix("# EOF\n"))
    }

    @Test func `HEAD has the head of GET and no body`() throws {
        let answer = try yard.exchange(
            "HEAD /active-slot HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nContent-Length: 5\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [
        ("GET", "/nothing", 404), ("GET", "/active-slot/", 404), ("GET", "/switch/a/b", 404),
        ("GET", "/switch", 405), ("POST", "/status", 405), ("GET", "/switch/green", 405),
        ("POST", "/canary", 405), ("GET", "/active-slot?format=xml", 400),
        ("GET", "/history?limit=0", 400), ("GET", "/metrics/slots/red", 404),
        ("GET", "/metrics/slots/blue?service=db", 404), ("POST", "/switch/red", 404),
        ("POST", "/switch", 400), ("PUT", "/canary", 400), ("POST", "/rollback", 409),
    ])
    func `wrong requests get a sentence and change nothing`(
        method: String,
        path: String,
        status: Int
    ) throws {
        let answer = try yard.ask(method, path, method == "GET" ? nil : "{}")

        #expect(answer.status == status)
        let sentence = try JSONParser.parse(Array(answer.text.utf8))["error"]?.string
        #expect(sentence?.isEmpty == false)
        #expect(yard.server.routing == RoutingState(generation: 1, active: SlotID(0)))
    }

    @Test(arguments: [
        ("POST", "/canary", "PUT, DELETE"), ("POST", "/metrics", "GET, HEAD"),
        ("GET", "/rollback", "POST"),
    ])
    func `a wrong method is answered with the right ones`(
        method: String,
        path: String,
        allowed: String
    ) throws {
        let answer = try yard.exchange(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("\r\nAllow: \(allowed)\r\n"))
    }
}

@Suite("Admin routes: who may ask")
struct AdminAccessTests {
    private static let tokens = AdminTokens(switchToken: "change", readToken: "look")

    @Test(arguments: [
        ("GET", "/status", nil, 401), ("GET", "/nothing", nil, 401),
        ("GET", "/status", "look", 200), ("POST", "/switch/green", "look", 403),
        ("GET", "/status", "change", 200), ("POST", "/switch/green", "change", 200),
        ("POST", "/switch/green", "chang", 401),
    ])
    func `roles are kept`(method: String, path: String, token: String?, status: Int) throws {
        let yard = try YardUnderTest(tokens: Self.tokens)
        let fields = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []

        let answer = try yard.ask(method, path, fields: fields)

        #expect(answer.status == status)
        let isChanged = yard.server.routing.generation > 1
        #expect(isChanged == (method == "POST" && status == 200))
    }

    @Test(arguments: [
        ("GET", "/active-slot", nil, 200),
        ("GET", "/active-slot", "wrong", 200), ("GET", "/active-slot", "change", 200),
        ("GET", "/inactive-slot", nil, 401), ("GET", "/status", nil, 401),
        ("POST", "/active-slot", nil, 405), ("POST", "/switch/green", nil, 401),
    ])
    func `an open path needs no token to look, and opens no other`(
        method: String,
        path: String,
        token: String?,
        status: Int
    ) throws {
        let open = AdminTokens(switchToken: "change", readToken: nil, openPaths: [.activeSlot])
        let yard = try YardUnderTest(tokens: open)
        let fields = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []

        let answer = try yard.ask(method, path, fields: fields)

        #expect(answer.status == status)
        #expect(yard.server.routing.generation == 1)
    }

    @Test func `who has no token learns how to send one`() throws {
        let yard = try YardUnderTest(tokens: Self.tokens)

        let answer = try yard.exchange(
            "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.contains("\r\nWWW-Authenticate: Bearer realm=\"switchyard\"\r\n"))
    }

    @Test(arguments: [
        "Origin: http://evil.example", "Sec-Fetch-Site: cross-site", "Origin: null",
    ])
    func `pages of other origins change nothing`(field: String) throws {
        let yard = try YardUnderTest()

        let answer = try yard.exchange(
            "POST /switch/green HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(field)\r\n\r\n"
        )

        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        #expect(yard.server.routing.generation == 1)
    }

    @Test func `a foreign Host is refused on loopback`() throws {
        let yard = try YardUnderTest()

        let answer = try yard.exchange(
            "GET /status HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.hasPrefix("HTTP/1.1 403 "))
    }
}
