import Proxy
import TestSupport
import Testing

@Suite("Health checks")
struct HealthTests {
    @Test func `both slots are probed, all the time`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)

        try blue.waitForProbes(5)
        try green.waitForProbes(5)

        #expect(proxy.health(of: blue) == .healthy)
        #expect(proxy.health(of: green) == .healthy)
        #expect(blue.requests.isEmpty && green.requests.isEmpty)
    }

    @Test func `an endpoint is unhealthy after as many failed probes as configured`() throws {
        let blue = try OriginServer("blue")
        let proxy = try ProxyUnderTest(blue: blue) { config in
            config.services[0].healthCheck.fall = 4
            config.services[0].healthCheck.rise = 3
            // One slot's endpoint alone, so that every probe is told apart.
            config.slots[1].endpoints = [[.loopback(1)]]
        }
        #expect(proxy.health(of: blue) == .healthy)

        let downAt = blue.turn(healthy: false)
        try proxy.waitForHealth(.unhealthy, of: blue)
        let failed = blue.probes - downAt
        let upAt = blue.turn(healthy: true)
        try proxy.waitForHealth(.healthy, of: blue)
        let passed = blue.probes - upAt

        #expect(failed >= 4)
        #expect(passed >= 3)
    }

    @Test func `an unhealthy endpoint says why`() throws {
        let blue = try OriginServer("blue")
        blue.isHealthy = false
        let green = try OriginServer("green", listening: false)
        let proxy = try ProxyUnderTest(blue: blue, green: green)

        try proxy.waitForHealth(.unhealthy, of: blue)
        try proxy.waitForHealth(.unhealthy, of: green)

        let reasons = proxy.server.statistics().endpoints.map { $0.reason ?? "" }
        #expect(reasons.contains { $0.contains("503") })
        #expect(reasons.contains { $0.lowercased().contains("refused") })
    }

    @Test func `the first probe alone decides`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        green.isHealthy = false
        let proxy = try ProxyUnderTest(blue: blue, green: green) {
            $0.services[0].healthCheck.rise = 5
            $0.services[0].healthCheck.fall = 5
            $0.services[0].healthCheck.interval = .seconds(60)
        }

        #expect(proxy.health(of: blue) == .healthy)
        #expect(proxy.health(of: green) == .unhealthy)
    }

    @Test func `a probe that takes too long has failed`() throws {
        let hole = try BlackHole()
        let blue = try OriginServer("blue")
        let proxy = try ProxyUnderTest(
            .forTests(blue: [blue.endpoint], green: [.loopback(hole.port)]).with {
                $0.services[0].healthCheck.timeout = .milliseconds(100)
            }
        )

        let green = proxy.server.statistics().endpoints.first { $0.slot == "green" }

        #expect(green?.health == .unhealthy)
        #expect(green?.reason?.isEmpty == false)
    }

    @Test func `a connect is enough when no path is configured`() throws {
        let blue = try OriginServer("blue")
        blue.isHealthy = false
        let green = try OriginServer("green", listening: false)
        let proxy = try ProxyUnderTest(blue: blue, green: green) { $0.probe(.connect) }

        try proxy.waitForHealth(.unhealthy, of: green)

        #expect(proxy.health(of: blue) == .healthy)
        #expect(blue.probes == 0)
        #expect(try proxy.get().status == 200)
    }

    @Test func `without probes an endpoint counts as healthy`() throws {
        let refusing = try RefusingPort()
        let blue = try OriginServer("blue")
        blue.isHealthy = false
        let proxy = try ProxyUnderTest(
            .forTests(blue: [blue.endpoint], green: [.loopback(refusing.port)])
                .with { $0.probe(.none) }
        )

        #expect(proxy.server.statistics().endpoints.allSatisfy { $0.health == .healthy })
        #expect(try proxy.get().status == 200)
        #expect(blue.probes == 0)
    }

    @Test func `connections wait until every endpoint has been probed`() throws {
        let answer = Gate()
        let blue = try OriginServer("blue")
        let slow = try OriginServer("slow") { exchange in
            try answer.pass()
            try exchange.respond()
        }
        let proxy = try ProxyUnderTest(
            .forTests(blue: [blue.endpoint], green: [slow.endpoint])
                .with { $0.probe(.get(path: "/slow")) },
            awaitsProbes: false
        )
        blue.behave { try $0.respond(body: "served") }
        let downstream = try proxy.connect()
        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")

        try slow.waitForRequests(1)
        #expect(!proxy.server.isReady)
        #expect(blue.requests.allSatisfy { $0.target == "/slow" })
        answer.open()

        #expect(try downstream.response().text == "served")
        #expect(proxy.server.isReady)
    }
}
