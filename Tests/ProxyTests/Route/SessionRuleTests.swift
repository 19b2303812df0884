import Testing

@testable import Proxy

@Suite("Session rule")
struct SessionRuleTests {
    static let blue = SlotID(0)
    static let green = SlotID(1)
    private static let key = SessionKey(secret: "a")
    /// One key in each hundredth of the line.
    private static let points = (0..<100).map { UInt32($0 * 42_949_673 + 7) }

    private func rule(
        _ percent: Double?,
        active: SlotID = blue,
        generation: Generation = 10,
        since: Generation = 5,
        lowered: Config.Session.Lowered = .move
    ) -> SessionRule {
        var session = Config.Session()
        session.whenLowered = lowered
        let routing = RoutingState(
            generation: generation,
            active: active,
            canary: percent.flatMap { Weight(percent: $0) },
            splitSince: since
        )
        return SessionRule(session, routing: routing, key: Self.key)
    }

    /// The sessions that begin with these keys.
    private func begun(_ rule: SessionRule) -> [SessionToken] {
        Self.points.map { rule.place(nil, hash: $0).token }
    }

    @Test func `a first request is placed by its key and told so, on both arms`() {
        let placements = Self.points.map { rule(25).place(nil, hash: $0) }

        #expect(placements.count { $0.slot == Self.green } == 25)
        #expect(placements.allSatisfy { $0.isNew && $0.token.slot == $0.slot })
        #expect(placements.allSatisfy { $0.token.generation == 10 })
    }

    @Test func `a session stays, whatever its key is now, and is told nothing`() {
        let rule = rule(25)

        for token in begun(rule) {
            let again = rule.place(token, hash: ~token.point)
            #expect(again == .init(slot: token.slot, token: token, isNew: false))
        }
    }

    @Test func `a higher weight moves sessions into the canary and none out`() {
        var sessions = begun(rule(1))

        for percent in [5.0, 25, 60, 100] {
            let rule = rule(percent, generation: 11)
            let placed = sessions.map { rule.place($0, hash: 0) }

            #expect(zip(sessions, placed).allSatisfy { $0.slot == Self.blue || $1.slot == $0.slot })
            #expect(placed.count { $0.slot == Self.green } == Int(percent))
            #expect(zip(sessions, placed).allSatisfy { ($0.slot != $1.slot) == $1.isNew })
            sessions = placed.map(\.token)
        }
    }

    @Test(arguments: [
        (10.0, Config.Session.Lowered.move, 10), (0, .move, 0), (10, .keep, 50), (0, .keep, 50),
    ])
    func `a lower weight moves sessions out, or keeps them`(
        percent: Double,
        lowered: Config.Session.Lowered,
        inCanary: Int
    ) {
        let sessions = begun(rule(50))
        let rule = rule(percent, generation: 12, lowered: lowered)

        let placed = sessions.map { rule.place($0, hash: 0) }
        let new = Self.points.map { rule.place(nil, hash: $0) }

        #expect(placed.count { $0.slot == Self.green } == inCanary)
        // Nobody who was outside is drawn in, and new ones follow the weight.
        #expect(zip(sessions, placed).allSatisfy { $0.slot == Self.green || $1.slot == Self.blue })
        #expect(new.count { $0.slot == Self.green } == Int(percent))
    }

    @Test func `a slot counts only in its own split, the place on the line in the next one too`() {
        let sessions = begun(rule(50))
        let next = rule(10, generation: 30, since: 20, lowered: .keep)

        let placed = sessions.map { next.place($0, hash: 0) }

        #expect(placed.allSatisfy { $0.isNew })
        #expect(placed.count { $0.slot == Self.green } == 10)
        #expect(zip(sessions, placed).allSatisfy { $0.point == $1.token.point })
    }

    @Test func `a share that is held back after a switch leaves the canary's users where they are`()
    {
        let sessions = begun(rule(50))
        let heldBack = rule(2, active: Self.green, generation: 30, since: 30)

        let placed = sessions.map { heldBack.place($0, hash: 0) }

        #expect(placed.count { $0.slot == Self.blue } == 2)
        #expect(zip(sessions, placed).allSatisfy { $0.slot == Self.blue || $1.slot == Self.green })
    }

    // MARK: On the wire

    private func line(
        _ secure: Config.Session.Secure = .automatic,
        maxAge: Duration? = nil,
        isSecure: Bool = false,
        ends: Bool = false
    ) -> String {
        var session = Config.Session()
        (session.secure, session.maxAge) = (secure, maxAge)
        let routing = RoutingState(generation: 1, active: Self.blue, canary: Weight.none)
        let rule = SessionRule(session, routing: routing, key: Self.key)
        var text = TextBuffer(capacity: 512)
        if ends {
            rule.appendEnd(isSecure: isSecure, to: &text)
        } else {
            rule.append(0xAB, isSecure: isSecure, to: &text)
        }
        return unsafe String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func `the cookie has the attributes that browsers expect`() {
        let value = "00000000000000ab" + String(Self.key.tag(of: 0xAB), radix: 16)
        let start = "Set-Cookie: switchyard_slot="

        #expect(line() == "\(start)\(value); Path=/; HttpOnly; SameSite=Lax\r\n")
        #expect(
            line(maxAge: .seconds(3_600))
                == "\(start)\(value); Path=/; Max-Age=3600; HttpOnly; SameSite=Lax\r\n"
        )
        #expect(line(ends: true) == "\(start); Path=/; Max-Age=0; HttpOnly; SameSite=Lax\r\n")
    }

    @Test(arguments: [
        (Config.Session.Secure.automatic, true, true), (.automatic, false, false),
        (.always, false, true), (.never, true, false),
    ])
    func `it is secure where TLS is, or as configured`(
        secure: Config.Session.Secure,
        isSecure: Bool,
        saysSecure: Bool
    ) {
        for ends in [true, false] {
            let line = line(secure, isSecure: isSecure, ends: ends)
            #expect(line.hasSuffix("; SameSite=Lax" + (saysSecure ? "; Secure" : "") + "\r\n"))
        }
    }

    @Test(arguments: [
        ("switchyard_slot=a; Path=/", true), ("switchyard_slot=", true),
        ("switchyard_slots=a", false),
        ("a=switchyard_slot=b", false), ("switchyard_slot", false),
    ])
    func `an application's cookie under our name is known`(value: String, isOurs: Bool) {
        let bytes = Array(value.utf8)

        #expect(rule(5).isOurs(ByteRange(0, bytes.count), of: bytes.span) == isOurs)
    }

    @Test func `of several cookies of the name the one that is ours counts`() throws {
        let rule = rule(50)
        let token = try #require(begun(rule).first)
        var text = TextBuffer(capacity: 512)
        rule.append(token.word, isSecure: false, to: &text)
        let line = unsafe String(decoding: text.bytes, as: UTF8.self)
        let value = line.dropFirst("Set-Cookie: ".count).prefix { $0 != ";" }
        let request = RouteRequest(
            "/",
            fields: [("Cookie", "switchyard_slot=forged"), ("Cookie", "a=b; \(value)")]
        )

        let found = try request.parsed { _, fields in rule.token(in: request.bytes.span, fields) }

        #expect(found == token)
    }
}
