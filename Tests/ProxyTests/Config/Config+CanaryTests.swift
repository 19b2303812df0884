import Testing

@testable import Proxy

@Suite("Slots of rules")
struct ConfigCanaryTests {
    @Test(
        "a name means the slot, and otherwise a word what a slot is at the time",
        arguments: [("blue", 0, 0), ("green", 1, 1), ("active", 0, 1), ("canary", 1, 0)]
    )
    func slot(word: String, whileBlue: Int, whileGreen: Int) throws {
        let config = try ConfigText().config()
        var rule = Config.SlotRule()
        rule.slot = word

        let found = SlotID.both.map {
            config.slot(of: rule, in: RoutingState(generation: 1, active: $0)).index
        }

        #expect(found == [whileBlue, whileGreen])
    }

    @Test func `a slot that is called canary is meant by its name`() throws {
        var text = ConfigText()
        text.slots = #"{"canary": {"app": ["127.0.0.1:1"]}, "stable": {"app": ["127.0.0.1:2"]}}"#
        text.activeSlot = #""canary""#
        let config = try text.config()
        var rule = Config.SlotRule()
        rule.slot = "canary"

        #expect(
            config.slot(of: rule, in: RoutingState(generation: 1, active: SlotID(0))).index == 0
        )
    }
}
