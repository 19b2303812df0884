import Testing

@testable import Proxy

@Suite("Config file: how traffic is split")
struct ConfigFileCanaryTests {
    private static func canary(_ members: String) -> ConfigText {
        ConfigText(more: #""canary": {\#(members)}"#)
    }

    static let mistakes = [
        Mistake(
            canary(#""session": {"cooky": "a"}"#),
            "$.canary.session.cooky",
            found: "an unknown key",
            "did you mean `cookie`?"
        ),
        Mistake(
            canary(#""session": "switchyard""#),
            "$.canary.session",
            found: #""switchyard""#,
            #"write an object, such as {"cookie": "switchyard_slot"}, true for the defaults, or "#
                + "false for none"
        ),
        Mistake(
            canary(#""session": {"secure": "yes"}"#),
            "$.canary.session.secure",
            found: #""yes""#,
            #"write "auto", true or false"#
        ),
        Mistake(
            canary(#""session": {"when_lowered": "stay"}"#),
            "$.canary.session.when_lowered",
            found: #""stay""#,
            #"write "move" or "keep""#
        ),
        Mistake(
            canary(#""session": {"key_file": "absent"}"#),
            "$.canary.session.key_file",
            found: "a file that cannot be read (absent)",
            "write the path of a readable file with a token"
        ),
        Mistake(
            canary(#""rules": [{"slot": "blue"}]"#),
            "$.canary.rules[0]",
            found: "a rule for every request",
            "write `header`, or `cookie`, or `client_addresses` into it"
        ),
        Mistake(
            canary(#""rules": [{"cookie": {"name": "a"}}]"#),
            "$.canary.rules[0].slot",
            found: "nothing",
            "write a name of at most 64 letters, digits, `_`, `.` or `-`"
        ),
        Mistake(
            canary(#""rules": [{"cookie": {"name": "a"}, "slot": "gren"}]"#),
            "$.canary.rules[0].slot",
            found: #"the unknown slot "gren""#,
            "did you mean `green`?"
        ),
        Mistake(
            canary(#""rules": [{"header": {"value": "a"}, "slot": "blue"}]"#),
            "$.canary.rules[0].header.name",
            found: "nothing",
            #"write the name of a header, such as "X-User""#
        ),
        Mistake(
            canary(#""safety_net": {"budget_percent": 0}"#),
            "$.canary.safety_net.budget_percent",
            found: "0",
            "write a whole number from 1 to 100"
        ),
        Mistake(
            canary(#""safety_net": {"on_500": 1}"#),
            "$.canary.safety_net.on_500",
            found: "1",
            "write true or false"
        ),
        Mistake(
            .route(#""asset_rescue": "on""#),
            "$.listeners[0].routes[0].asset_rescue",
            found: #""on""#,
            "write true or false"
        ),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told where it is, with what to write`(mistake: Mistake) {
        mistake.expectAlone()
    }

    @Test func `an unknown slot of a rule is told beside the other mistakes`() {
        let text = Self.canary(
            #""rules": [7, {"cookie": {"name": "a"}, "slot": "red"}], "percent": 200"#
        )

        let paths = text.issues().map(\.path)

        #expect(
            paths == ["$.canary.rules[0]", "$.canary.rules[1].slot", "$.canary.percent"]
        )
    }

    @Test func `left out, there are no sessions and no rules, and a safety net`() throws {
        let canary = try ConfigText().config().canary

        #expect(canary.session == nil)
        #expect(canary.rules.isEmpty)
        #expect(canary.safetyNet == Config.SafetyNet())
    }

    @Test(arguments: [("true", true), ("{}", true), ("false", false), ("null", false)])
    func `true is the defaults, false and null are none`(text: String, isOn: Bool) throws {
        let canary = try Self.canary(#""session": \#(text), "safety_net": \#(text)"#).config()
            .canary

        #expect(canary.session == (isOn ? Config.Session() : nil))
        #expect(canary.safetyNet == (isOn ? Config.SafetyNet() : nil))
    }

    @Test func `the key of sessions is made of the file's secret, blanks around it aside`() throws {
        let config = try Self.canary(#""session": {"key_file": "k"}"#)
            .config(files: ["k": " secret\n"])

        #expect(config.canary.session?.key == SessionKey(secret: "secret"))
        #expect(!config.redactedJSON().contains("secret"))
    }

    @Test func `everything of a rule is read`() throws {
        let rules = try Self.canary(
            #"""
            "rules": [{"header": {"name": "X-Team"}, "slot": "canary"},
                {"cookie": {"name": "Staff", "value": "yes"},
                 "client_addresses": ["10.0.0.0/8", "::1"], "slot": "green"}]
            """#
        ).config().canary.rules

        var first = Config.SlotRule()
        first.header = Config.Route.HeaderMatch(name: "x-team", value: nil)
        first.slot = "canary"
        var second = Config.SlotRule()
        second.cookie = Config.SlotRule.CookieMatch(name: "Staff", value: "yes")
        second.clients = [AddressRange("10.0.0.0/8"), AddressRange("::1")].compactMap(\.self)
        second.slot = "green"
        #expect(rules == [first, second])
    }

    @Test func `a route may rescue assets`() throws {
        #expect(
            try ConfigText.route(#""asset_rescue": true"#).config().listeners[0].routes[0]
                .rescuesAssets
        )
        #expect(try !ConfigText().config().listeners[0].routes[0].rescuesAssets)
    }
}
