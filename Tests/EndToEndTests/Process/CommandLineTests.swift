import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Command line: verbs against a process", .serialized)
struct CommandLineTests {
    private let folder: TemporaryFolder
    private let gate = Gate()
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        let gate = gate
        blue = try OriginServer("blue") { exchange in
            if exchange.request.target == "/held" { try gate.pass() }
            try exchange.respond()
        }
        green = try OriginServer("green")
    }

    private func start(_ rollout: String = "") throws -> SwitchyardProcess {
        var config = ConfigText(blue: blue, green: green)
        config.keepState(in: folder)
        config.more = #""rollout": {\#(rollout)},"#
        return try SwitchyardProcess(config, in: folder)
    }

    /// Runs a verb and expects its exit code and some words of what it says.
    private static func expect(
        _ process: SwitchyardProcess,
        _ words: [String],
        _ code: Int32,
        _ says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let verb = try ChildProcess(
            [SwitchyardProcess.executable] + words,
            environment: ["SWITCHYARD_ADMIN": "http://127.0.0.1:\(process.adminPort)"]
        )
        let ending = try verb.waitForEnd()
        let (said, complained) = (verb.outputText, verb.errorText)
        #expect(
            ending == .exit(code),
            "\(words): \(said)\(complained)",
            sourceLocation: sourceLocation
        )
        // What was done is said, what was refused is complained of.
        let place = code == 0 ? said : complained
        #expect(
            place.contains(says),
            "\(words): \(said)\(complained)",
            sourceLocation: sourceLocation
        )
    }

    private static let plan = #"""
        "steps": [{"percent": 10, "approve": true}, {"percent": 40, "approve": true}], "bake": null
        """#

    @Test func `a person leads a rollout by its verbs`() throws {
        let process = try start(Self.plan)
        let expect = { (words: [String], code: Int32, says: String) in
            try Self.expect(process, words, code, says)
        }
        try expect(["rollout", "status"], 0, "no rollout was started yet")
        try expect(["rollout", "pause"], 1, "no rollout was started yet; POST /rollout starts one")
        try expect(
            ["rollout", "start", "--reason", "release 7"],
            0,
            "rollout 1 of green · probing"
        )
        try Self.wait(for: "approving", of: process)
        try expect(["rollout", "start"], 1, "a rollout of green runs already")

        try expect(["rollout", "pause"], 0, "waits for approval of step 1 of 2, paused · 0 %")
        try expect(["rollout", "resume"], 0, "waits for approval of step 1 of 2 · 0 %")
        try expect(["rollout", "promote", "--if-generation", "1"], 0, "step 1 of 2 · 10 %")
        try expect(["rollout", "promote", "--if-generation", "1"], 1, "the generation is 2, not 1")
        try expect(["rollout", "status"], 0, "[###...........................] 10 %")
        try expect(["rollout", "promote", "--full"], 0, "rollout 1 of green · promoted")
        try expect(["rollout", "abort"], 1, "the rollout is over: promoted")
        try expect(["active-slot"], 0, "green")

        try expect(["rollout", "start", "--if-generation", "1"], 1, "the generation is 3, not 1")
        try expect(["rollout", "start"], 0, "rollout 2 of blue · probing")
        try expect(["rollout", "abort", "--reason", "not today"], 0, "rollout 2 of blue · aborted")
        try expect(["history"], 0, "not today")
    }

    @Test func `status --watch shows a rollout until its end`() throws {
        let process = try start(Self.plan)
        try Self.expect(process, ["rollout", "start"], 0, "probing")
        let watch = try ChildProcess(
            [SwitchyardProcess.executable, "rollout", "status", "--watch"],
            environment: ["SWITCHYARD_ADMIN": "http://127.0.0.1:\(process.adminPort)"]
        )
        try watch.waitForText("it waits for a person") {
            $0.contains("waits for approval of step 1 of 2 · 0 %") ? true : nil
        }
        #expect(watch.outputText.contains("[..............................] 0 %"))

        try Self.expect(process, ["rollout", "promote"], 0, "step 1 of 2 · 10 %")
        try watch.waitForText("it shows the step and its checks") { text in
            text.contains("[###...........................] 10 %")
                && text.contains("error_rate") ? true : nil
        }
        #expect(!watch.hasEnded)

        try Self.expect(process, ["rollout", "abort"], 0, "aborted")
        #expect(try watch.waitForEnd() == .exit(0))
        #expect(watch.outputText.contains("rollout 1 of green · aborted"))
    }

    @Test func `verbs that change traffic name the generation that they believe in`() throws {
        let process = try start()
        let expect = { (words: [String], code: Int32, says: String) in
            try Self.expect(process, words, code, says)
        }
        let stale = ["--if-generation", "7"]
        try expect(["canary", "set", "5"] + stale, 1, "the generation is 1, not 7")
        try expect(
            ["canary", "set", "5", "--if-generation", "1"],
            0,
            "canary green takes 5 %, generation 2"
        )
        try expect(["canary", "off"] + stale, 1, "the generation is 2, not 7")
        try expect(["canary", "off"], 0, "blue takes all traffic, generation 3")
        try expect(["switch", "green"] + stale, 1, "the generation is 3, not 7")
        try expect(["switch", "green", "--if-generation", "3"], 0, "green is active, generation 4")
        try expect(["rollback"] + stale, 1, "the generation is 4, not 7")
        try expect(["rollback", "--if-generation", "4"], 0, "back to blue, generation 5")
        try expect(["switch", "green", "--if-generation", "five"], 64, "five is not a number")
    }

    @Test func `a lease is given, kept from others, and ended`() throws {
        let process = try start()
        let expect = { (words: [String], code: Int32, says: String) in
            try Self.expect(process, words, code, says)
        }
        try expect(["lease", "blue"], 1, "the slot blue is active: deploy to green")
        try expect(
            ["lease", "green", "--holder", "one", "--for", "1h"],
            0,
            "green is leased by one until 2"
        )
        try expect(["lease", "green", "--holder", "two"], 1, "one has leased the slot green until")
        try expect(["switch", "green"], 1, "one has leased the slot green until")
        try expect(["lease", "green", "--release", "--holder", "two"], 1, "one has leased")
        try expect(["lease", "green", "--release"], 0, "the lease on green ended")
        try expect(["lease", "green", "--release"], 0, "green has no lease")
        try expect(["switch", "green"], 0, "green is active")
    }

    @Test func `drain tells what runs, and with --wait when nothing does`() throws {
        let process = try start()
        let expect = { (words: [String], code: Int32, says: String) in
            try Self.expect(process, words, code, says)
        }
        let held = try process.connect()
        try held.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        try blue.waitForRequests(1)
        try expect(["drain", "blue"], 0, "1 exchange on blue, which takes traffic")
        try expect(["drain", "blue", "--wait"], 1, "the slot blue takes")
        try expect(["switch", "green"], 0, "green is active")

        try expect(
            ["drain", "--wait", "--timeout", "50ms"],
            1,
            "exchanges still run on the slot that lost its traffic"
        )
        let waiting = Beside { try process.run("drain", "--wait", "--timeout", "10m") }
        gate.open()

        let (ending, output) = try waiting.value()
        #expect(ending == .exit(0))
        #expect(output == "blue is drained: nothing runs there and nothing new comes\n")
        #expect(try held.response()["X-Origin"] == "blue")
        try expect(["drain"], 0, "blue is drained")
        try expect(["drain", "--timeout", "1s"], 64, "--timeout needs --wait")
    }

    @Test func `status --watch shows what changes, until it is ended`() throws {
        let process = try start()
        let watch = try ChildProcess(
            [SwitchyardProcess.executable, "status", "--watch"],
            environment: ["SWITCHYARD_ADMIN": "http://127.0.0.1:\(process.adminPort)"]
        )
        try watch.waitForText("it shows the first generation") {
            $0.contains(/generation +1\b/) ? true : nil
        }
        try Self.expect(process, ["switch", "green"], 0, "green is active")
        try watch.waitForText("it shows the second one") {
            $0.contains(/generation +2\b/) ? true : nil
        }
        #expect(!watch.hasEnded)
        // The thread that started it may have told it to ignore every other signal.
        watch.send(SIGKILL)
        #expect(try watch.waitForEnd() == .signal(SIGKILL))
    }

    @Test func `upgrade names the process that serves now`() throws {
        let process = try start()

        let (ending, output) = try process.run("upgrade")

        #expect(ending == .exit(0), "\(output)")
        let numbers = try #require(
            output.firstMatch(of: /^process (\d+), \S+, serves in place of (\d+)\n$/)
        )
        let next = try #require(Int32(numbers.1))
        defer { kill(next, SIGKILL) }
        #expect(Int32(numbers.2) == process.child.processID)
        // Its output stays open, for the new process has it too.
        try eventually("the old process has ended") { process.child.hasEnded }
        #expect(try process.run("active-slot").output == "blue\n")
        #expect(try process.servingSlot() == "blue")
    }

    /// Waits until the rollout is in a state.
    private static func wait(for state: String, of process: SwitchyardProcess) throws {
        try eventually("the rollout is \(state)") {
            try process.admin("GET", "/rollout").text.contains(#""state": "\#(state)""#)
        }
    }
}
