import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Rollout: webhooks", .serialized)
struct RolloutHookTests {
    private let gate: OriginServer
    private let listener: OriginServer
    private let secrets: TemporaryFolder

    init() throws {
        gate = try OriginServer("gate") { try $0.respond("403 Forbidden", body: "not yet\n") }
        listener = try OriginServer("listener") { try $0.respond("204 No Content") }
        secrets = try TemporaryFolder()
        try secrets.write("open-sesame\n", to: "secret")
    }

    private var plan: String {
        #"""
        "steps": [{"percent": 10}], "promotion": "automatic", "bake": null,
        "gates": [{"url": "http://\#(gate.authority)/may?x=1", "interval": "100ms"}],
        "notices": [{
          "url": "http://\#(listener.authority)/told", "interval": "100ms",
          "secret_file": "\#(secrets["secret"])"
        }]
        """#
    }

    @Test func `a closed gate holds the step until it opens`() throws {
        let yard = try RolloutYard(plan)
        _ = try yard.ask("POST", "/rollout")
        try eventually("the gate's answer is told") {
            try yard.rollout()["reason"]?.string?.contains("answered 403: not yet") == true
        }
        #expect(try yard.rollout()["percent"]?.integer == 0)
        try gate.waitForRequests(2)

        gate.behave { try $0.respond("202 Accepted") }
        try yard.wait(for: "running", step: 0)

        let question = try #require(gate.requests.last)
        #expect(question.target == "/may?x=1")
        let body = try JSONParser.parse(question.body)
        #expect(body["event"]?.string == "gate")
        #expect(body["step"]?.integer == 1)
        #expect(body["percent"]?.integer == 10)
        #expect(body["text"]?.string?.contains("may green take 10 %") == true)
    }

    @Test func `every change is told, signed, and again when nobody took it`() throws {
        gate.behave { try $0.respond("200 OK") }
        let refused = Monitor(1)
        listener.behave { exchange in
            let isRefused = refused.use { left in
                left -= 1
                return left >= 0
            }
            try exchange.respond(isRefused ? "500 Internal Server Error" : "200 OK")
        }
        let yard = try RolloutYard(plan)
        _ = try yard.ask("POST", "/rollout", #"{"reason": "release 7"}"#)
        try yard.wait(for: "running", step: 0)
        _ = try yard.ask("POST", "/rollout/abort")

        var told: [OriginRequest] = []
        try eventually("the end is told") {
            told = listener.requests
            return told.last.map { String(decoding: $0.body, as: UTF8.self) }?
                .contains("canary_off") == true
        }
        let key = Array("open-sesame".utf8)
        for notice in told where notice.isComplete {
            let code = SHA256.authenticationCode(of: notice.body, key: key).hexadecimal
            #expect(notice.head["X-Switchyard-Signature"] == "sha256=\(code)")
        }
        let bodies = try told.map { try JSONParser.parse($0.body) }
        let actions = bodies.compactMap { $0["change"]?["action"]?.string }
        #expect(Set(actions).isSuperset(of: ["rollout", "canary_set", "canary_off"]))
        #expect(bodies.contains { $0["text"]?.string?.contains("release 7") == true })
        // The first was refused once and came again.
        let identifiers = bodies.compactMap { $0["id"]?.string }
        #expect(identifiers.filter { $0 == identifiers.first }.count == 2)
    }

    @Test func `a gate that does not answer is closed`() throws {
        gate.stopListening()
        let yard = try RolloutYard(plan)
        _ = try yard.ask("POST", "/rollout")

        try eventually("the silence is told") {
            try yard.rollout()["reason"]?.string?.contains("does not answer") == true
        }
        #expect(try yard.rollout()["state"]?.string == "gating")
    }
}
