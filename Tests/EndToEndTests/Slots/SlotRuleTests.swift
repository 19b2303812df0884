import Proxy
import TestSupport
import Testing

@Suite("Rules for chosen users")
struct SlotRuleTests {
    private let blue: OriginServer
    private let green: OriginServer
    private let proxy: ProxyUnderTest

    init() throws {
        blue = try OriginServer("blue")
        green = try OriginServer("green")
        var staff = Config.SlotRule()
        staff.cookie = Config.SlotRule.CookieMatch(name: "staff", value: "yes")
        staff.slot = "canary"
        var region = Config.SlotRule()
        region.clients = [AddressRange("127.0.7.0/24")].compactMap(\.self)
        region.slot = "active"
        proxy = try ProxyUnderTest(blue: blue, green: green) {
            $0.canary.rules = [staff, region]
            $0.canary.session = Config.Session()
        }
    }

    @Test func `testers reach a canary that rests, without a cookie of ours, counted apart`()
        throws
    {
        proxy.setCanary(Weight.none)

        for _ in 0..<3 {
            let response = try proxy.get("/", "Cookie: staff=yes")
            #expect(response["X-Origin"] == "green")
            #expect(response["Set-Cookie"] == nil)
        }
        #expect(try proxy.get("/")["X-Origin"] == "blue")

        try eventually("the requests are counted") {
            let lanes = proxy.lanes(of: "green") + proxy.lanes(of: "blue")
            return lanes.map(\.ruled) == [3, 0] && lanes.map(\.split) == [0, 1]
        }
        #expect(green.requests.allSatisfy { $0["Cookie"] == "staff=yes" })
    }

    @Test func `a region stays on the active slot, whatever the weight is`() throws {
        proxy.setCanary(.all)

        let inside = try RawDownstream(port: proxy.port, source: "127.0.7.9").get("/")
        let outside = try proxy.get("/")

        #expect(inside["X-Origin"] == "blue")
        #expect(outside["X-Origin"] == "green")
    }

    @Test func `without a canary rules are not in force`() throws {
        #expect(try proxy.get("/", "Cookie: staff=yes")["X-Origin"] == "blue")
    }

    @Test func `a preview goes before every rule`() throws {
        proxy.setCanary(Weight.none)

        let response = try proxy.get("/", "Cookie: staff=yes", "X-Slot: blue")

        #expect(response["X-Origin"] == "blue")
    }
}
