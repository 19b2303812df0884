import CLinux
import Glibc
import TestSupport
import Testing

/// Faults of the machine below the program.
@Suite("Faults of the machine")
struct ProcessFaultTests {
    private let folder: TemporaryFolder
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue")
    }

    /// Runs a program to its end; its output, when it said that all was well.
    private static func run(_ words: String...) throws {
        let child = try ChildProcess(words)
        guard try child.waitForEnd() == .exit(0) else {
            throw TestFailure("\(words): \(child.outputText)\(child.errorText)")
        }
    }

    private static func limit(_ process: SwitchyardProcess, _ limit: String) throws {
        try run("prlimit", "--pid", "\(process.child.processID)", limit)
    }

    // MARK: Descriptors

    @Test func `without a descriptor left connections wait, and are served later`() throws {
        var config = ConfigText(blue: origin)
        config.healthCheck = "false"
        let process = try SwitchyardProcess(config, in: folder)
        #expect(try process.connect().get("/").status == 200)
        let open = try process.child.descriptorCount()
        // Room for two connections from downstream, each with one to an endpoint.
        try Self.limit(process, "--nofile=\(open + 4):\(open + 64)")

        var waiting = try (0..<20).map { _ in
            let downstream = try process.connect()
            try downstream.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return downstream
        }
        let statuses = try waiting.map { try $0.response().status }
        waiting = []

        // One that was taken in without a descriptor for its endpoint is told so; nobody is lost.
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 })
        try eventually("the next request is well") {
            try process.connect().get("/").status == 200
        }
        #expect(try process.admin("GET", "/status").text.contains(#""ejected": false"#))
        let page = try process.admin("GET", "/metrics").text
        let pauses = page.firstMatch(of: #/accept_pauses_total{reason="descriptors"} (\d+)/#)
        #expect(pauses.flatMap { Int($0.output.1) } ?? 0 > 0)
        #expect(!process.child.hasEnded)
    }

    @Test func `a shortage of descriptors is nobody's fault but ours`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        let held = try process.connect()
        #expect(try held.get("/").status == 200)
        origin.closeConnections()
        try Self.limit(process, "--nofile=3:4096")

        // The pooled connection is gone, and there is no descriptor for another.
        let refusal = try held.get("/")
        let reason = "The proxy has no descriptor or port left for a connection."
        try process.child.waitForText("the log tells why") { $0.contains(reason) ? true : nil }
        try Self.limit(process, "--nofile=4096:4096")

        try expectError(refusal, status: 503)
        #expect(refusal.text.contains(reason))
        #expect(try held.get("/").status == 200)
        let page = try process.admin("GET", "/metrics").text
        #expect(page.contains(#"endpoint="\#(origin.authority)"} 1"#))
        #expect(!page.contains("connect_failure"))
        #expect(!process.child.errorText.contains("is unhealthy"))
    }

    // MARK: Disks

    @Test func `an access log on a full disk loses lines, not requests`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""access_log": { "path": "/dev/full" },"#
        let process = try SwitchyardProcess(config, in: folder)

        for _ in 0..<5 { #expect(try process.connect().get("/").status == 200) }

        try process.child.waitForText("the log tells of it") {
            $0.contains("the access log cannot be written") && $0.contains("No space left")
                ? true : nil
        }
        try eventually("the lost lines are counted") {
            try process.admin("GET", "/metrics").text.contains("access_log_lines_dropped_total 5")
        }
        #expect(try process.connect().get("/").status == 200)
        let told = process.child.errorText.split(separator: "\n").filter {
            $0.contains("the access log cannot be written")
        }
        #expect(told.count == 1)
    }

    @Test func `an access log that may not grow does not end the program`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""access_log": { "path": "\#(folder["access.log"])" },"#
        let process = try SwitchyardProcess(config, in: folder)
        #expect(try process.connect().get("/").status == 200)
        try eventually("the line is there") {
            self.folder.text(of: "access.log")?.contains("\n") == true
        }

        try Self.limit(process, "--fsize=1:unlimited")
        #expect(try process.connect().get("/lost").status == 200)
        try process.child.waitForText("the log tells of it") {
            $0.contains("the access log cannot be written") ? true : nil
        }
        try Self.limit(process, "--fsize=unlimited:unlimited")
        #expect(try process.connect().get("/kept").status == 200)

        try eventually("lines are written again") {
            self.folder.text(of: "access.log")?.contains("/kept") == true
        }
        #expect(folder.text(of: "access.log")?.contains("/lost") == false)
        try process.child.waitForText("the log tells that it is well") {
            $0.contains("the access log is written again") ? true : nil
        }
    }

    @Test func `a switch that cannot be kept is refused, and changes nothing`() throws {
        let green = try OriginServer("green")
        var config = ConfigText(blue: origin, green: green)
        config.keepState(in: folder)
        let process = try SwitchyardProcess(config, in: folder)
        let before = folder.text(of: "state.json")

        // What a full disk is to a write; root would be let through a file without permissions.
        try Self.limit(process, "--fsize=1:unlimited")
        let refused = try process.admin("POST", "/switch/green")
        let during = folder.text(of: "state.json")
        let serving = try process.servingSlot()
        let page = try process.admin("GET", "/metrics").text
        try Self.limit(process, "--fsize=unlimited:unlimited")

        #expect(refused.status == 500)
        #expect(refused.text.contains("File too large"))
        #expect(during == before)
        #expect(serving == "blue")
        #expect(page.contains(#"active_slot{slot="blue"} 1"#))
        #expect(try process.admin("POST", "/switch/green").status == 200)
        #expect(try process.servingSlot() == "green")
    }

    @Test func `a state file whose folder is gone refuses a switch, not the traffic`() throws {
        let green = try OriginServer("green")
        var config = ConfigText(blue: origin, green: green)
        try Self.run("mkdir", folder["state"])
        config.stateFile = "\"\(folder["state/state.json"])\""
        let process = try SwitchyardProcess(config, in: folder)
        try Self.run("mv", folder["state"], folder["elsewhere"])

        let refused = try process.admin("POST", "/switch/green")
        let serving = try process.servingSlot()
        try Self.run("mv", folder["elsewhere"], folder["state"])

        #expect(refused.status == 500)
        #expect(refused.text.contains(folder["state"]))
        #expect(serving == "blue")
        #expect(try process.admin("POST", "/switch/green").status == 200)
    }

    // MARK: The end

    @Test func `kill -9 under load breaks what runs, and what comes after is well`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        let served = Monitor(0)
        let clients = (0..<4).map { _ in
            Beside { () -> Bool in
                // Every response is whole or broken off, up to the end of the program.
                while true {
                    do {
                        let downstream = try process.connect()
                        while true {
                            guard try downstream.get("/").text == "blue\n" else { return false }
                            served.use { $0 += 1 }
                        }
                    } catch let failure as WireFailure {
                        switch failure {
                        case .system(_, ECONNREFUSED): return true
                        case .reset, .closedEarly, .system(_, ECONNRESET): continue
                        default: return false
                        }
                    }
                }
            }
        }
        try served.wait(for: "load") { $0 > 200 ? true : nil }
        process.child.send(SIGKILL)
        _ = try process.child.waitForEnd()

        for client in clients { #expect(try client.value()) }
        let next = try SwitchyardProcess(ConfigText(blue: origin), in: folder)
        #expect(try next.servingSlot() == "blue")
    }
}
