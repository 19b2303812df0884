import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Rollout: end to end", .serialized)
struct RolloutTests {
    private static let steps = #""steps": [{"percent": 5}, {"percent": 25}, {"percent": 50}]"#

    @Test func `a good candidate goes 5, 25, 50, 100 percent and bakes to its end by itself`()
        throws
    {
        let yard = try RolloutYard(
            #"""
            \#(Self.steps), "promotion": "automatic",
            "bake": {"time": "500ms", "hold_back_percent": 20}
            """#
        )
        let crowd = Crowd(4, port: yard.process.port)

        let (ending, output) = try yard.process.run("rollout", "start", "--wait")
        let tally = crowd.stop()

        #expect(ending == .exit(0), "\(output)")
        #expect(tally.failures == 0)
        let course = try yard.course()
        #expect(
            course == [
                "rollout", "canary_set 5", "canary_set 25", "canary_set 50", "switch 20",
                "canary_off",
            ]
        )
        #expect(try yard.activeSlot == "green\n")
        #expect(output.contains("promoted"))
        let last = try #require(try yard.ask("GET", "/history")["history"]?.array?.last)
        #expect(last["actor"]?.string == "rollout")
        #expect(last["figures"]?["verdict"]?.string == "pass")
    }

    private static let crowd = 4

    /// The share leaves the candidate within this time of the evidence.
    private static let reactionLimit = 1.5

    /// Rollouts of which one has to be as quick: a busy machine may stop the program in the others.
    private static let trials = 5

    @Test func `10 percent errors are derated as soon as they show, and aborted`() throws {
        var reactions: [Double] = []
        while reactions.count < Self.trials, reactions.last.map({ $0 < Self.reactionLimit }) != true
        {
            reactions.append(try deratedAndAborted())
        }

        print("evidence to changed split, at most: \(reactions.map { "\(Figures.time($0))" })")
        #expect(try #require(reactions.min()) < Self.reactionLimit)
    }

    /// Runs one rollout with 10 % errors; returns the seconds from its evidence to the derating.
    private func deratedAndAborted() throws -> Double {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "floor_percent": 20, "bad_windows": 2"#
        )
        yard.fail(yard.green, percent: 10)
        let crowd = Crowd(Self.crowd, port: yard.process.port, method: "POST")

        let (ending, output) = try yard.process.run("rollout", "start", "--wait")
        let tally = crowd.stop()

        #expect(ending == .exit(1), "\(output)")
        #expect(
            try yard.course() == ["rollout", "canary_set 50", "canary_set 20", "canary_off"]
        )
        #expect(try yard.activeSlot == "blue\n")
        // Every failure that a user saw is counted, but for those that took long to end.
        #expect(tally.failures > 0)
        try eventually("the failures are counted") {
            let counted = try yard.rollout()["user_failures"]?.integer ?? 0
            return (tally.failures - Self.crowd...tally.failures).contains(counted)
        }
        let derating = try #require(
            try yard.changes(through: "canary_off").first { $0["percent"]?.double == 20 }
        )
        #expect(derating["figures"]?["verdict"]?.string == "fail")
        return try yard.reaction(derating)
    }

    @Test func `with idempotent requests and the safety net no user sees the 10 percent`() throws {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "floor_percent": 20, "bad_windows": 2"#
        )
        yard.fail(yard.green, percent: 10, status: "503 Service Unavailable")
        let crowd = Crowd(4, port: yard.process.port)

        let (ending, output) = try yard.process.run("rollout", "start", "--wait")
        let tally = crowd.stop()

        #expect(ending == .exit(1), "\(output)")
        #expect(output.contains("aborted"))
        #expect(tally.answers > 100)
        #expect(tally.failures == 0)
        #expect(try yard.rollout()["user_failures"]?.integer == 0)
    }

    @Test func `what is good as a canary and turns bad in the bake is rolled back`() throws {
        let yard = try RolloutYard(
            #"""
            "steps": [{"percent": 50}], "promotion": "automatic",
            "bake": {"time": "10m", "hold_back_percent": 30}
            """#
        )
        let crowd = Crowd(4, port: yard.process.port)
        let process = yard.process
        let pipeline = Beside { try process.run("rollout", "start", "--wait") }
        try yard.wait(for: "baking")
        #expect(try yard.activeSlot == "green\n")

        yard.fail(yard.green, percent: 30)

        let (ending, output) = try pipeline.value()
        _ = crowd.stop()
        #expect(ending == .exit(1), "\(output)")
        #expect(try yard.activeSlot == "blue\n")
        #expect(try yard.rollout()["outcome"]?.string == "rolled_back")
        #expect(try yard.course().last == "rollback")
    }

    @Test(arguments: ["hold", "abort"])
    func `too few requests never pass: at the deadline it is inconclusive`(policy: String) throws {
        let yard = try RolloutYard(
            #""steps": [{"percent": 50}], "deadline": "1s", "inconclusive": "\#(policy)""#
        )
        let process = yard.process
        let pipeline = Beside { try process.run("rollout", "start", "--wait") }
        try yard.wait(for: "running")
        for _ in 0..<3 { _ = try process.servingSlot() }

        let (ending, output) = try pipeline.value()

        #expect(ending == .exit(2), "\(output)")
        let rollout = try yard.rollout()
        let isHeld = policy == "hold"
        #expect(rollout["state"]?.string == (isHeld ? "running" : "ended"))
        #expect(rollout["percent"]?.integer == (isHeld ? 50 : 0))
        #expect(rollout["overdue"]?.bool == isHeld)
        #expect(rollout["outcome"]?.string == (isHeld ? nil : "inconclusive"))
        #expect(try yard.activeSlot == "blue\n")
    }

    @Test func `an ill rollback target is refused until it is well`() throws {
        let yard = try RolloutYard(
            #""steps": [], "promotion": "automatic", "bake": {"time": "10m"}"#
        )
        _ = try yard.ask("POST", "/rollout")
        try yard.wait(for: "baking")
        yard.blue.isHealthy = false
        try eventually("blue is ill") {
            try yard.rollout()["stable_healthy"]?.bool == false
        }

        let stranded = try yard.ask("POST", "/rollout/abort", #"{"reason": "orders fail"}"#)
        #expect(stranded["state"]?.string == "stranded")
        #expect(stranded["reason"]?.string?.contains("not healthy") == true)
        #expect(try yard.process.admin("POST", "/rollback").status == 409)
        #expect(try yard.process.run("rollout", "promote").ending == .exit(1))
        #expect(try yard.activeSlot == "green\n")

        yard.blue.isHealthy = true
        let ended = try yard.wait(for: "ended")
        #expect(ended["outcome"]?.string == "rolled_back")
        #expect(try yard.activeSlot == "blue\n")
    }
}
