import Proxy
import TestSupport
import Testing

@testable import Admin

/// Candidates that are good when the rollout begins, and are turned bad by the demo's knobs.
@Suite("Rollout: knobs", .serialized)
struct RolloutKnobTests {
    /// The second step goes on until the candidate fails; the first is large, so that a slow machine
    /// has requests enough for it in a window.
    private static let steps = #"""
        "steps": [{"percent": 45}, {"percent": 50, "time": "1h"}], "floor_percent": 5
        """#
    private static let bake = #"""
        "steps": [{"percent": 50}], "promotion": "automatic",
        "bake": {"time": "1h", "hold_back_percent": 40}
        """#

    @Test func `errors that begin in the middle of a rollout derate it, and end it`() throws {
        let yard = try DemoYard(Self.steps)
        let process = yard.process
        let crowd = Crowd(6, port: process.port, method: "POST", target: "/api/work")
        let pipeline = Beside { try process.run("rollout", "start", "--wait") }
        try yard.wait(for: "running", step: 1)
        #expect(try yard.rollout()["bad_windows"]?.integer == 0)

        try yard.turn(#"{"error_percent": 30}"#)

        let (ending, output) = try pipeline.value()
        let tally = crowd.stop()
        #expect(ending == .exit(1), "\(output)")
        #expect(output.contains("derated from step 2 of 2 · 5 %"))
        let rollout = try yard.rollout()
        #expect(rollout["outcome"]?.string == "aborted")
        #expect(rollout["bad_windows"]?.integer == 2)
        #expect(rollout["reason"]?.string?.contains("error_rate") == true)
        #expect(try process.admin("GET", "/active-slot").text == "blue\n")
        #expect(tally.failures > 0)
    }

    @Test(arguments: [(steps, "aborted"), (bake, "rolled_back")])
    func `a delay that begins in a step or in the bake is caught`(
        plan: String,
        outcome: String
    ) throws {
        let yard = try DemoYard(plan + #", "bad_windows": 1"#)
        let process = yard.process
        let crowd = Crowd(12, port: process.port, target: "/api/work")
        let pipeline = Beside { try process.run("rollout", "start", "--wait") }
        let isBake = outcome == "rolled_back"
        try yard.wait(for: isBake ? "baking" : "running", step: isBake ? nil : 1)

        // Beyond the limit of 2 s, whatever the machine makes of the other slot.
        try yard.turn(#"{"delay_ms": 2500}"#)

        let (ending, output) = try pipeline.value()
        #expect(ending == .exit(1), "\(output)")
        let rollout = try yard.rollout()
        #expect(rollout["outcome"]?.string == outcome)
        #expect(rollout["reason"]?.string?.contains("latency_p95") == true, "\(rollout.line)")
        #expect(try process.admin("GET", "/active-slot").text == "blue\n")
        try yard.turn(#"{"delay_ms": 0}"#)
        // Slow is not failed.
        #expect(crowd.stop().failures == 0)
    }
}
