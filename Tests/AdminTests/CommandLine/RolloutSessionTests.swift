import Proxy
import Testing

@testable import Admin

@Suite("Rollout on the command line")
struct RolloutSessionTests {
    private static func rollout(_ text: String) throws -> JSON {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test(arguments: [
        (#"{"state": "running", "outcome": null, "overdue": false}"#, ExitCode?.none),
        (#"{"state": "stranded", "outcome": "aborted", "overdue": false}"#, nil),
        (#"{"state": "running", "outcome": null, "overdue": true}"#, .inconclusive),
        (#"{"state": "ended", "outcome": "promoted", "overdue": true}"#, .done),
        (#"{"state": "ended", "outcome": "aborted"}"#, .refused),
        (#"{"state": "ended", "outcome": "rolled_back"}"#, .refused),
        (#"{"state": "ended", "outcome": "inconclusive"}"#, .inconclusive),
    ])
    func `the end tells a pipeline by its exit code`(text: String, code: ExitCode?) throws {
        #expect(AdminSession.code(of: try Self.rollout(text)) == code)
    }

    private static let running = #"""
        {
          "number": 7, "candidate": "green", "state": "running", "position": "step 1 of 3",
          "percent": 25, "judged": "41 more requests needed", "overdue": false, "elapsed_ms": 9500,
          "reason": "probes passed", "started": "then", "actor": "ci", "requests": 59,
          "bad_windows": 0, "user_failures": 2, "trouble": null,
          "verdict": {"verdict": "inconclusive", "checks": [
            {"check": "error_rate", "service": "app", "state": "inconclusive", "value": 0.01,
             "sample_size": 59, "threshold": 0.05, "reason": "\u001b[31m"}
          ]}
        }
        """#

    @Test func `a line tells where it stands, and steers no terminal`() throws {
        let rollout = try Self.rollout(Self.running)

        #expect(
            RolloutTable.line(rollout)
                == "rollout 7 of green · step 1 of 3 · 25 % · 41 more requests needed"
        )
        let text = RolloutTable.text(rollout)
        #expect(text.contains("[########......................] 25 %"))
        #expect(text.contains("error_rate  app      -      inconclusive  0.01"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test func `one more request is no new line, another verdict is`() throws {
        let first = try Self.rollout(Self.running)
        let more = try Self.rollout(Self.running.replacing("59", with: "60"))
        let passed = try Self.rollout(
            Self.running.replacing(#""verdict": "inconclusive""#, with: #""verdict": "pass""#)
        )

        #expect(RolloutTable.step(first) == RolloutTable.step(more))
        #expect(RolloutTable.step(first) != RolloutTable.step(passed))
    }

    @Test func `before the first there is nothing to show`() throws {
        #expect(
            RolloutTable.text(try Self.rollout(#"{"state": "none"}"#))
                == "no rollout was started yet"
        )
    }
}
