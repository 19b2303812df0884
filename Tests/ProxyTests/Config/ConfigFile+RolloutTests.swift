import Testing

@testable import Proxy

/// Mistakes in a plan, and what one is read as.
@Suite("Config file: rollout")
struct ConfigFileRolloutTests {
    private static func rollout(
        _ members: String,
        _ path: String,
        found: String,
        _ message: String
    ) -> Mistake {
        Mistake("\"rollout\": {\(members)}", "$.rollout.\(path)", found: found, message)
    }

    static let stepMistakes = [
        rollout(
            #""steps": [{}]"#,
            "steps[0].percent",
            found: "nothing",
            "write a percentage from 0 to 100 in steps of 0.01"
        ),
        rollout(
            #""steps": [{"percent": 100}]"#,
            "steps[0].percent",
            found: "100",
            "write 0.01 to 99.99: after the last step all traffic moves anyway"
        ),
        rollout(
            #""steps": [{"percent": 25}, {"percent": 5}]"#,
            "steps[1].percent",
            found: "5, no more than before",
            "write more than 25: steps rise"
        ),
        rollout(
            #""floor_percent": 0"#,
            "floor_percent",
            found: "0",
            "write 0.01 to 99.99: without traffic no window could pass"
        ),
        rollout(
            #""bake": {"hold_back_percent": 100}"#,
            "bake.hold_back_percent",
            found: "100",
            "write less: the new slot has to take some traffic"
        ),
        rollout(
            #""promotion": "manual""#,
            "promotion",
            found: "\"manual\"",
            #"write "approve" or "automatic""#
        ),
    ]

    static let otherMistakes = [
        rollout(
            #""probe": {"targets": [{"service": "ap", "path": "/"}]}"#,
            "probe.targets[0].service",
            found: "the unknown service \"ap\"",
            "did you mean `app`?"
        ),
        rollout(
            #""gates": [{"url": "https://example.org/"}]"#,
            "gates[0].url",
            found: "\"https://example.org/\"",
            #"write an http URL without a user, such as "http://127.0.0.1:9000/hook""#
        ),
        rollout(
            #""notices": [{"url": "http://h/", "secret_file": "absent"}]"#,
            "notices[0].secret_file",
            found: "a file that cannot be read (absent)",
            "write the path of a readable file with a token"
        ),
        rollout(
            #""prometheus": "http://h", "queries": {"a": {"query": "up"}}"#,
            "queries.a",
            found: "neither `min` nor `max`",
            "write one of them, or both"
        ),
        rollout(
            #""prometheus": "http://h", "queries": {"a": {"query": "up", "min": 2, "max": 1}}"#,
            "queries.a",
            found: "a `min` above the `max`",
            "write them the other way"
        ),
        rollout(
            #""queries": {"a": {"query": "up", "min": 1}}"#,
            "queries",
            found: "queries without a `prometheus`",
            "write the URL of the server, such as \"http://127.0.0.1:9090\""
        ),
    ]

    @Test(arguments: stepMistakes + otherMistakes)
    func `a mistake is told with what to write`(mistake: Mistake) { mistake.expectAlone() }

    @Test func `the default is a small step, an approval and a watch of five minutes`() throws {
        let plan = try ConfigText().config().rollout

        #expect(plan.steps == [.init(weight: Weight(basisPoints: 500), time: .seconds(60))])
        #expect(plan.promotion == .approve)
        #expect(plan.bake?.time == .seconds(300))
        #expect(plan.inconclusive == .hold)
    }

    @Test func `what is written is read as the same plan`() throws {
        let text = #"""
            "rollout": {
              "probe": {"targets": [{"service": "app", "path": "/a"}]},
              "steps": [{"percent": 0.01, "approve": true}, {"percent": 99.99, "requests": 7}],
              "bake": null, "user_failures": 3,
              "gates": [{"url": "http://[::1]:81?x=1", "secret_file": "r"}],
              "prometheus": "http://prometheus.local/base/",
              "queries": {"a": {"query": "sum(up)", "max": 0.5}}
            }
            """#
        let plan = try ConfigText(more: text).config(files: ["r": "token"]).rollout

        #expect(Config.Rollout(saved: plan.json) == plan)
        #expect(plan.gates.first?.url.host == "::1")
        #expect(plan.gates.first?.url.port == 81)
        #expect(plan.gates.first?.url.target == "/?x=1")
        #expect(plan.queries.first?.name == "a")
        #expect(plan.userFailureLimit == 3)
    }

    @Test(arguments: [
        "http://", "http:///x", "http://a b/", "http://u:p@h/", "http://h:0/", "http://h:99999/",
        "http://h/#x", "h", "http://[::1/", "http://-h/",
    ])
    func `what is no URL is refused`(text: String) { #expect(HTTPURL(text) == nil) }
}
