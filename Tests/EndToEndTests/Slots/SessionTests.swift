import Proxy
import TestSupport
import Testing

@Suite("Sessions")
struct SessionTests {
    private static let cookie = "switchyard_slot"

    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        blue = try OriginServer("blue")
        green = try OriginServer("green")
    }

    /// A proxy whose sticky key is chance, so that nothing but a session keeps anybody.
    private func proxy(_ adjust: (inout Config) -> Void = { _ in }) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: blue, green: green) {
            $0.canary.sticky = .none
            $0.canary.session = Config.Session()
            adjust(&$0)
        }
    }

    /// The users who see green, of so many with these jars.
    private static func visit(
        _ jars: inout [CookieJar],
        at downstream: RawDownstream
    ) throws -> Set<Int> {
        var inGreen: Set<Int> = []
        for user in jars.indices {
            let response = try downstream.get("/", jars[user].field)
            jars[user].take(response)
            if response["X-Origin"] == "green" { inGreen.insert(user) }
        }
        return inGreen
    }

    // MARK: The cookie

    @Test func `a response sets the cookie once, beside those of the application`() throws {
        let application: OriginServer.Behaviour = { exchange in
            try exchange.respond(fields: ["Set-Cookie: a=1", "Set-Cookie: switchyard_slot=mine"])
        }
        blue.behave(application)
        green.behave(application)
        let proxy = try proxy()
        proxy.setCanary(Weight(percent: 50))
        var jar = CookieJar()

        let first = try proxy.get("/", jar.field)
        jar.take(first)
        let second = try proxy.get("/", jar.field)

        let cookies = first.head.values("Set-Cookie")
        #expect(cookies.count == 2)
        #expect(cookies[0] == "a=1")
        let ours = cookies[1].split(separator: ";").map { $0.trimmingBlanks() }
        #expect(ours[0].hasPrefix("\(Self.cookie)=") && ours[0].count == Self.cookie.count + 33)
        #expect(Array(ours[1...]) == ["Path=/", "HttpOnly", "SameSite=Lax"])
        #expect(second.head.values("Set-Cookie") == ["a=1"])
        #expect(second["X-Origin"] == first["X-Origin"])
    }

    @Test func `the endpoint gets the application's cookies and not ours`() throws {
        let proxy = try proxy()
        proxy.setCanary(Weight.none)
        let response = try proxy.get("/")
        var jar = CookieJar()
        jar.take(response)
        let ours = try #require(jar[Self.cookie])

        for value in ["a=1; \(Self.cookie)=\(ours); b=2", "\(Self.cookie)=\(ours)", "c=3"] {
            _ = try proxy.get("/", "Cookie: \(value)", "X-After: 1")
        }

        let requests = Array(blue.requests.dropFirst())
        #expect(requests.map { $0["Cookie"] } == ["a=1; b=2", nil, "c=3"])
        #expect(requests.allSatisfy { $0["X-After"] == "1" })
    }

    @Test func `a thousand cookies of our name cost nobody anything`() throws {
        let proxy = try proxy()
        proxy.setCanary(Weight.none)
        let many = (0..<1_000).map { "\(Self.cookie)=\($0)" }.joined(separator: "; ")

        let response = try proxy.get("/", "Cookie: \(many)")

        #expect(response.status == 200)
        #expect(response["Set-Cookie"] != nil)
    }

    @Test(arguments: [("https", true), ("HTTPS, http", true), ("http", false), ("httpsx", false)])
    func `it is secure where a trusted proxy speaks TLS`(scheme: String, isSecure: Bool) throws {
        let trusting = try proxy {
            $0.forwarded.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap(\.self)
        }
        let other = try proxy()
        for proxy in [trusting, other] { proxy.setCanary(Weight.none) }

        let trusted = try trusting.get("/", "X-Forwarded-Proto: \(scheme)")
        let untrusted = try other.get("/", "X-Forwarded-Proto: \(scheme)")

        #expect(trusted["Set-Cookie"]?.hasSuffix("; Secure") == isSecure)
        #expect(untrusted["Set-Cookie"]?.hasSuffix("; SameSite=Lax") == true)
    }

    @Test(arguments: [
        ("public, max-age=60", false), ("max-age=60, S-MaxAge=5", false), ("private", true),
        ("no-cache, max-age=60", true), ("publicity", true),
    ])
    func `a response for shared caches carries no cookie`(field: String, isSet: Bool) throws {
        blue.behave { try $0.respond(fields: ["Cache-Control: \(field)"]) }
        let proxy = try proxy()
        proxy.setCanary(Weight.none)

        #expect(try (proxy.get()["Set-Cookie"] != nil) == isSet)
    }

    @Test func `a preview gets none, and without sessions nobody does`() throws {
        let proxy = try proxy()
        proxy.setCanary(Weight(percent: 50))
        let plain = try ProxyUnderTest(blue: blue, green: green)
        plain.setCanary(Weight(percent: 50))

        #expect(try proxy.get("/", "X-Slot: green")["Set-Cookie"] == nil)
        #expect(try plain.get("/")["Set-Cookie"] == nil)
    }

    // MARK: Its life

    @Test(arguments: [Config.Session.Lowered.move, .keep])
    func `at rest no session begins in the canary, and old ones move or are kept`(
        lowered: Config.Session.Lowered
    ) throws {
        let proxy = try proxy { $0.canary.session?.whenLowered = lowered }
        let downstream = try proxy.connect()
        var jars = Array(repeating: CookieJar(), count: 100)
        proxy.setCanary(Weight(percent: 50))
        let before = try Self.visit(&jars, at: downstream)

        proxy.setCanary(Weight.none)
        let after = try Self.visit(&jars, at: downstream)
        var fresh = Array(repeating: CookieJar(), count: 100)
        let new = try Self.visit(&fresh, at: downstream)

        #expect((20...80).contains(before.count))
        #expect(after == (lowered == .keep ? before : []))
        #expect(new.isEmpty)
        #expect(fresh.allSatisfy { !$0.isEmpty })
    }

    @Test func `the cookie ends with the canary, and is asked back once`() throws {
        let proxy = try proxy()
        proxy.setCanary(Weight(percent: 50))
        var jar = CookieJar()
        jar.take(try proxy.get("/", jar.field))
        let old = jar

        proxy.setCanary(nil)
        let ended = try proxy.get("/", jar.field)
        jar.take(ended)
        let after = try proxy.get("/", jar.field)

        #expect(
            ended["Set-Cookie"] == "\(Self.cookie)=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        )
        #expect(!old.isEmpty && jar.isEmpty)
        #expect(after["Set-Cookie"] == nil)
        #expect(blue.requests.last?["Cookie"] == nil)
    }

    @Test func `a forged cookie chooses nothing`() throws {
        let proxy = try proxy { $0.canary.session?.whenLowered = .keep }
        let downstream = try proxy.connect()
        var jars = Array(repeating: CookieJar(), count: 20)
        proxy.setCanary(Weight(percent: 50))
        _ = try Self.visit(&jars, at: downstream)
        proxy.setCanary(Weight.none)

        for jar in jars {
            let value = try #require(jar[Self.cookie])
            // The bit that says the slot, with the signature left as it was.
            let digit = value[value.index(value.startIndex, offsetBy: 15)]
            let flipped = String((digit.hexDigitValue ?? 0) ^ 1, radix: 16)
            let forged = value.prefix(15) + flipped + value.dropFirst(16)
            let response = try downstream.get("/", "Cookie: \(Self.cookie)=\(forged)")
            #expect(response["X-Origin"] == "blue")
            #expect(response["Set-Cookie"] != nil)
        }
    }

    @Test func `several instances with one secret take each other's sessions`() throws {
        let key = SessionKey(secret: "shared")
        let instances = try (0..<2).map { _ in try proxy { $0.canary.session?.key = key } }
        for instance in instances { instance.setCanary(Weight(percent: 50)) }
        let downstreams = try instances.map { try $0.connect() }
        var jars = Array(repeating: CookieJar(), count: 60)

        let first = try Self.visit(&jars, at: downstreams[0])
        let second = try Self.visit(&jars, at: downstreams[1])

        #expect(first == second)
        #expect((10...50).contains(first.count))
    }

    @Test func `a share held back on the old slot takes nobody back from the new one`() throws {
        let proxy = try proxy()
        let downstream = try proxy.connect()
        var jars = Array(repeating: CookieJar(), count: 200)
        proxy.setCanary(Weight(percent: 50))
        let inCanary = try Self.visit(&jars, at: downstream)

        proxy.switchTo(.green)
        proxy.setCanary(Weight(percent: 10))
        let promoted = try Self.visit(&jars, at: downstream)
        let again = try Self.visit(&jars, at: downstream)

        #expect(promoted.isSuperset(of: inCanary))
        #expect(promoted == again)
        #expect((5...50).contains(200 - promoted.count))
    }
}
