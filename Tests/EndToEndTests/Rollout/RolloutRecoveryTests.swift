import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Rollout: kill -9", .serialized)
struct RolloutRecoveryTests {
    private static let plan = #"""
        "probe": {"wait": "10m"},
        "steps": [{"percent": 10, "approve": true}, {"percent": 40, "approve": true}],
        "bake": {"time": "10m", "hold_back_percent": 25}
        """#

    /// What has to be the same before and after.
    private static func standing(_ yard: RolloutYard) throws -> [String] {
        let rollout = try yard.rollout()
        let status = try yard.ask("GET", "/status")
        let facts = ["state", "step", "percent", "paused", "overdue", "bad_windows", "outcome"].map
        {
            rollout[$0]?.line ?? "nothing"
        }
        return facts + [status["active"]?.line ?? "", status["canary"]?.line ?? "none"]
    }

    /// Kills the program, starts it again and expects it to go on where it was.
    private static func survive(_ yard: RolloutYard) throws {
        let before = try standing(yard)
        try yard.killAndRestart()
        #expect(try standing(yard) == before)
    }

    @Test func `a rollout killed in any state goes on there, with the same split`() throws {
        let yard = try RolloutYard(Self.plan)
        yard.green.isHealthy = false
        try eventually("green is ill") {
            try yard.process.admin("GET", "/metrics/slots/green").status == 503
        }
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "probing")
        try Self.survive(yard)

        yard.green.isHealthy = true
        try yard.wait(for: "approving", step: 0)
        try Self.survive(yard)

        for step in 0...1 {
            _ = try yard.ask("POST", "/rollout/promote")
            try yard.wait(for: "running", step: step)
            try Self.survive(yard)
            let crowd = Crowd(4, port: yard.process.port)
            try yard.wait(for: "approving", step: step + 1)
            _ = crowd.stop()
            try Self.survive(yard)
        }
        _ = try yard.ask("POST", "/rollout/pause")
        try Self.survive(yard)

        _ = try yard.ask("POST", "/rollout/promote")
        try yard.wait(for: "baking")
        try Self.survive(yard)

        // Until its first probe it is not known to be well, and not ill either.
        try eventually("blue is well") { try yard.rollout()["stable_healthy"]?.bool == true }
        yard.blue.isHealthy = false
        try eventually("blue is ill") { try yard.rollout()["stable_healthy"]?.bool == false }
        _ = try yard.ask("POST", "/rollout/abort")
        try Self.survive(yard)

        yard.blue.isHealthy = true
        try yard.wait(for: "ended")
        #expect(try yard.activeSlot == "blue\n")
        try Self.survive(yard)
    }

    @Test func `the end of the program waits for no candidate, and the rollout goes on after it`()
        throws
    {
        let yard = try RolloutYard(Self.plan)
        yard.green.isHealthy = false
        try eventually("green is ill") {
            try yard.process.admin("GET", "/metrics/slots/green").status == 503
        }
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "probing")

        yard.process.child.send(SIGTERM)
        #expect(try yard.process.child.waitForEnd() == .exit(0))

        try yard.restart()
        #expect(try yard.rollout()["state"]?.string == "probing")
    }

    @Test func `a derated candidate stays at the floor, and counts go on`() throws {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "floor_percent": 10, "bad_windows": 9"#
        )
        yard.fail(yard.green, percent: 50)
        let crowd = Crowd(4, port: yard.process.port, method: "POST")
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "derated")
        _ = crowd.stop()

        try Self.survive(yard)

        #expect(try yard.rollout()["percent"]?.integer == 10)
        #expect(try #require(try yard.rollout()["user_failures"]?.integer) > 0)
    }

    @Test func `one that waits for a gate asks it again, and goes on when it agrees`() throws {
        let silence = Gate()
        let gate = try OriginServer("gate") { exchange in
            try silence.pass()
            try exchange.respond("204 No Content")
        }
        defer { silence.open() }
        let yard = try RolloutYard(
            #"""
            "steps": [{"percent": 10}], "bake": null,
            "gates": [{"url": "http://\#(gate.authority)/may", "interval": "100ms"}]
            """#
        )
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "gating", step: 0)
        try gate.waitForRequests(1)

        // Whoever asked is gone with the question still open.
        try Self.survive(yard)

        #expect(try yard.rollout()["percent"]?.integer == 0)
        try gate.waitForRequests(2)
        silence.open()
        try yard.wait(for: "running", step: 0)
        try Self.survive(yard)
    }

    @Test func `one that is over its deadline holds on, and goes on by new evidence`() throws {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "deadline": "100ms", "inconclusive": "hold""#
        )
        _ = try yard.ask("POST", "/rollout")
        try eventually("it is overdue") { try yard.rollout()["overdue"]?.bool == true }
        #expect(try yard.rollout()["state"]?.string == "running")

        try Self.survive(yard)

        #expect(try yard.rollout()["overdue"]?.bool == true)
        #expect(try yard.rollout()["percent"]?.integer == 50)
        let crowd = Crowd(4, port: yard.process.port)
        try yard.wait(for: "approving", step: 1)
        _ = crowd.stop()
    }

    @Test func `a deadline that gives the traffic back does so after a restart too`() throws {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "deadline": "3s", "inconclusive": "abort""#
        )
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "running", step: 0)

        // Most of its time may be over, or none: what was not saved is counted again.
        try yard.killAndRestart()

        let ended = try yard.wait(for: "ended")
        #expect(ended["outcome"]?.string == "inconclusive")
        #expect(ended["reason"]?.string?.contains("no decision within 3s") == true)
        #expect(try yard.activeSlot == "blue\n")
        #expect(try yard.ask("GET", "/status")["canary"]?.isNull == true)
    }
}
