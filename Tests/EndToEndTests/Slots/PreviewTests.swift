import Proxy
import TestSupport
import Testing

@Suite("Preview")
struct PreviewTests {
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        blue = try OriginServer("blue")
        green = try OriginServer("green")
    }

    private func proxy(token: String? = nil) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: blue, green: green) { $0.preview?.token = token }
    }

    @Test func `a request that names a slot goes there, and its header does not`() throws {
        let proxy = try proxy()
        let downstream = try proxy.connect()

        let previewed = try downstream.get("/", "x-slot: green", "X-Kept: 1")
        let live = try downstream.get("/")

        #expect(previewed["X-Origin"] == "green")
        #expect(live["X-Origin"] == "blue")
        let request = try green.onlyRequest()
        #expect(request["X-Slot"] == nil)
        #expect(request["X-Kept"] == "1")
    }

    @Test func `a preview is counted in its slot and not in the split`() throws {
        let proxy = try proxy()

        for _ in 0..<5 { _ = try proxy.get("/", "X-Slot: green") }

        try eventually("five previews are counted") {
            let lane = proxy.server.statistics().lanes.first { $0.slot == "green" }
            return lane?.requests.map(\.count) == [5] && lane?.split == 0
        }
    }

    @Test func `a preview follows its header and not the canary`() throws {
        let proxy = try proxy()
        proxy.setCanary(.all)

        #expect(try proxy.get("/", "X-Slot: blue")["X-Origin"] == "blue")
        #expect(try proxy.get("/")["X-Origin"] == "green")
    }

    @Test func `the right token opens the preview, and goes no further`() throws {
        let proxy = try proxy(token: "open-sesame")

        let response = try proxy.get("/", "X-Slot: green", "X-Slot-Token: open-sesame")

        #expect(response["X-Origin"] == "green")
        let request = try green.onlyRequest()
        #expect(request["X-Slot"] == nil)
        #expect(request["X-Slot-Token"] == nil)
    }

    @Test(
        arguments: [
            [], ["X-Slot-Token: open-sesam"], ["X-Slot-Token: open-sesame2"], ["X-Slot-Token:"],
            ["X-Slot-Token: Open-Sesame"],
        ]
    )
    func `without the right token the header is ignored and removed`(fields: [String]) throws {
        let proxy = try proxy(token: "open-sesame")
        let lines = (["X-Slot: green"] + fields).map { $0 + "\r\n" }.joined()

        let response = try proxy.connect().exchange(
            "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
        )

        #expect(response["X-Origin"] == "blue")
        let request = try blue.onlyRequest()
        #expect(request["X-Slot"] == nil)
        #expect(request["X-Slot-Token"] == nil)
        #expect(green.requests.isEmpty)
    }

    @Test func `without a preview the header is like any other`() throws {
        let proxy = try ProxyUnderTest(blue: blue, green: green) { $0.preview = nil }

        let response = try proxy.get("/", "X-Slot: green")

        #expect(response["X-Origin"] == "blue")
        #expect(try blue.onlyRequest()["X-Slot"] == "green")
    }

    @Test func `a preview of a slot that is not healthy is refused`() throws {
        let proxy = try proxy()
        green.isHealthy = false
        try proxy.waitForHealth(.unhealthy, of: green)

        #expect(try proxy.get("/", "X-Slot: green").status == 503)
        #expect(try proxy.get("/").status == 200)
    }
}
