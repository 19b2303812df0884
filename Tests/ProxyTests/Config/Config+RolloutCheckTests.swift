import Testing

@testable import Proxy

@Suite("Plan of a request")
struct ConfigRolloutCheckTests {
    private func plan(_ body: String, over base: Config.Rollout = .init()) throws -> Config.Rollout
    {
        let text = Array(body.utf8)
        return try Config.Rollout.parse(
            try JSONParser.parse(text),
            in: text,
            at: "$.plan",
            over: base,
            services: ["app"]
        )
    }

    @Test func `what is left out stays as it was`() throws {
        var base = Config.Rollout()
        base.badWindows = 7
        base.deadline = .seconds(9)

        let plan = try plan(#"{"deadline": "5m"}"#, over: base)

        #expect(plan.badWindows == 7)
        #expect(plan.deadline == .seconds(300))
    }

    @Test func `every mistake has its path and its place`() throws {
        let failure = try #require(throws: ConfigFailure.self) {
            try plan("{\"bad_windows\": 0,\n \"stepz\": []}")
        }

        #expect(failure.issues.map(\.path) == ["$.plan.bad_windows", "$.plan.stepz"])
        #expect(failure.issues.last?.line == 2)
        #expect(failure.issues.last?.message == "did you mean `steps`?")
    }

    @Test func `a saved plan is read without its files`() {
        var plan = Config.Rollout()
        var hook = Config.Rollout.Webhook()
        hook.url = HTTPURL("http://h/") ?? hook.url
        hook.secretFile = "gone"
        plan.gates = [hook]

        #expect(Config.Rollout(saved: plan.json) == plan)
        #expect(Config.Rollout(saved: .null) == nil)
    }
}
