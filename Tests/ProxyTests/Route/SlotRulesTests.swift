import Testing

@testable import Proxy

@Suite("Slot rules")
struct SlotRulesTests {
    private static let rules = #"""
        [{"cookie": {"name": "staff", "value": "yes"}, "slot": "green"},
         {"header": {"name": "X-Region", "value": "north"}, "slot": "canary"},
         {"header": {"name": "X-Beta"}, "client_addresses": ["10.0.0.0/8"], "slot": "active"},
         {"client_addresses": ["192.0.2.0/24", "2001:db8::/32"], "slot": "green"},
         {"cookie": {"name": "beta"}, "slot": "blue"}]
        """#

    private func slot(
        _ fields: [(String, String)],
        from client: String = "203.0.113.9",
        active: SlotID = SlotID(0),
        canary: Weight? = Weight.none
    ) throws -> Int? {
        let config = try ConfigText(more: #""canary": {"rules": \#(Self.rules)}"#).config()
        let routing = RoutingState(generation: 1, active: active, canary: canary)
        let rules = SlotRules(config, routing: routing)
        let address = try #require(IPAddress(client))
        let request = RouteRequest("/", fields: fields)
        return try request.parsed { _, fields in
            rules.slot(head: request.bytes.span, fields: fields, client: address)?.index
        }
    }

    @Test(
        "the first rule whose conditions all hold",
        arguments: [
            ([], nil),
            ([("Cookie", "staff=yes")], 1),
            ([("Cookie", "a=b; staff=yes; c=d")], 1),
            ([("Cookie", "a=b"), ("Cookie", "staff=yes")], 1),
            ([("Cookie", "staff=yess")], nil),
            ([("Cookie", "staff=no")], nil),
            ([("Cookie", "xstaff=yes")], nil),
            ([("x-region", "north")], 1),
            ([("X-Region", "North")], nil),
            ([("X-Beta", "1")], nil),
            ([("Cookie", "beta=")], 0),
            ([("Cookie", "beta=1"), ("X-Region", "north")], 1),
        ] as [([(String, String)], Int?)]
    )
    func first(fields: [(String, String)], slot: Int?) throws {
        #expect(try self.slot(fields) == slot)
    }

    @Test(arguments: [
        ("192.0.2.7", 1), ("192.0.3.7", nil), ("2001:db8::1", 1), ("2001:db9::1", nil),
    ])
    func `addresses are a condition`(client: String, slot: Int?) throws {
        #expect(try self.slot([], from: client) == slot)
    }

    @Test func `all conditions of a rule must hold`() throws {
        #expect(try slot([("X-Beta", "1")], from: "10.1.2.3") == 0)
        #expect(try slot([], from: "10.1.2.3") == nil)
    }

    @Test func `words for slots follow a switch`() throws {
        #expect(try slot([("X-Region", "north")], active: SlotID(1)) == 0)
        #expect(try slot([("X-Beta", "1")], from: "10.1.2.3", active: SlotID(1)) == 1)
        #expect(try slot([("Cookie", "staff=yes")], active: SlotID(1)) == 1)
    }

    @Test func `without a canary there are no rules, at rest and at 100 % there are`() throws {
        #expect(try slot([("Cookie", "staff=yes")], canary: nil) == nil)
        #expect(try slot([("Cookie", "beta=1")], canary: .all) == 0)
    }
}
