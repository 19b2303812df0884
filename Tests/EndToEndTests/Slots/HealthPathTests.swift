import Proxy
import TestSupport
import Testing

@Suite("The data port's path for load balancers")
struct HealthPathTests {
    @Test func `it follows the active slot, and no other path is touched`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green) { $0.healthPath = "/lb/ready" }
        let downstream = try proxy.connect()

        #expect(try downstream.get("/lb/ready").status == 200)
        #expect(try downstream.get("/lb/ready?x").status == 200)
        #expect(try downstream.get("/lb/ready/")["X-Origin"] == "blue")
        #expect(try downstream.get("/lb/read")["X-Origin"] == "blue")
        let post = try downstream.exchange(
            "POST /lb/ready HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(post["X-Origin"] == "blue")

        blue.isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: blue)
        let sick = try downstream.get("/lb/ready")
        proxy.switchTo(.green)
        let well = try downstream.get("/lb/ready")

        #expect(sick.status == 503)
        #expect(sick.text.contains("no healthy endpoint"))
        #expect(well.status == 200)
        #expect(blue.requests.count == 3 && green.requests.isEmpty)
    }

    @Test func `without the key the path is an ordinary one`() throws {
        let blue = try OriginServer("blue")
        let proxy = try ProxyUnderTest(blue: blue)

        #expect(try proxy.get("/healthz")["X-Origin"] == "blue")
    }
}
