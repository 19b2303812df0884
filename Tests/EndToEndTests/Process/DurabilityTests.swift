import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Durability and the command line")
struct DurabilityTests {
    private let folder: TemporaryFolder
    private let blue: OriginServer
    private let green: OriginServer
    private let config: ConfigText

    init() throws {
        folder = try TemporaryFolder()
        blue = try OriginServer("blue")
        green = try OriginServer("green")
        var config = ConfigText(blue: blue, green: green)
        config.keepState(in: folder)
        self.config = config
    }

    @Test func `a switch that was acknowledged survives kill -9`() throws {
        for slot in ["green", "blue", "green"] {
            let process = try SwitchyardProcess(config, in: folder)
            let answer = try process.admin("POST", "/switch/\(slot)")
            process.child.send(SIGKILL)
            #expect(answer.status == 200)
            #expect(try process.child.waitForEnd() == .signal(SIGKILL))

            let restarted = try SwitchyardProcess(config, in: folder)
            #expect(try restarted.admin("GET", "/active-slot").text == "\(slot)\n")
            #expect(try restarted.servingSlot() == slot)
        }
    }

    @Test func `kill -9 in the middle of changes loses none that was acknowledged`() throws {
        var last = 0
        for round in 0..<4 {
            let process = try SwitchyardProcess(config, in: folder)
            #expect(try Self.generation(of: process) >= last)
            let acknowledged = Monitor(last)
            let changes = Beside {
                for number in 0..<10_000 {
                    let slot = number.isMultiple(of: 2) ? "green" : "blue"
                    guard let answer = try? process.admin("POST", "/switch/\(slot)") else { return }
                    guard let generation = Self.generation(in: answer.text) else { return }
                    acknowledged.use { $0 = generation }
                }
            }
            let start = last
            try acknowledged.wait(for: "some changes") { $0 > start + 5 + round ? true : nil }
            process.child.send(SIGKILL)
            _ = try process.child.waitForEnd()
            try changes.value()
            last = acknowledged.current
        }

        let restarted = try SwitchyardProcess(config, in: folder)
        let generation = try Self.generation(of: restarted)

        // The change that was under way may have reached the disk without its answer.
        #expect((last...last + 1).contains(generation))
    }

    private static func generation(of process: SwitchyardProcess) throws -> Int {
        let answer = try process.admin("GET", "/active-slot?format=json")
        return try #require(generation(in: answer.text))
    }

    private static func generation(in json: String) -> Int? {
        guard let key = json.firstRange(of: "\"generation\"") else { return nil }
        let digits = json[key.upperBound...].drop { !$0.isNumber }.prefix(while: \.isNumber)
        return Int(digits)
    }

    @Test func `a canary and the way back survive a restart`() throws {
        let first = try SwitchyardProcess(config, in: folder)
        #expect(try first.admin("POST", "/switch/green").status == 200)
        #expect(try first.admin("PUT", "/canary", body: #"{"percent": 100}"#).status == 200)
        first.child.send(SIGKILL)
        _ = try first.child.waitForEnd()

        let second = try SwitchyardProcess(config, in: folder)
        #expect(try second.admin("GET", "/active-slot").text == "green\n")
        #expect(try second.servingSlot() == "blue")
        #expect(try second.admin("POST", "/rollback").status == 200)
        #expect(try second.admin("GET", "/active-slot").text == "blue\n")
        #expect(try second.servingSlot() == "blue")
    }

    @Test func `ACTIVE_SLOT names the slot of the very first start alone`() throws {
        let first = try SwitchyardProcess(
            config,
            in: folder,
            environment: ["ACTIVE_SLOT": "green"]
        )
        #expect(try first.servingSlot() == "green")
        #expect(try first.admin("POST", "/switch/blue").status == 200)
        first.child.send(SIGTERM)
        #expect(try first.child.waitForEnd() == .exit(0))

        let second = try SwitchyardProcess(
            config,
            in: folder,
            environment: ["ACTIVE_SLOT": "green"]
        )

        #expect(try second.servingSlot() == "blue")
        try second.child.waitForText("it says that the state file rules") {
            $0.contains("ACTIVE_SLOT") ? true : nil
        }
    }

    @Test func `a start without a state file says that it keeps nothing`() throws {
        let process = try SwitchyardProcess(ConfigText(blue: blue, green: green), in: folder)

        try process.child.waitForText("it says that a restart forgets") {
            $0.contains("forgets every switch") ? true : nil
        }
        #expect(folder.text(of: "state.json") == nil)
    }

    // MARK: Command line

    @Test func `the shell switches, asks and rolls back`() throws {
        let process = try SwitchyardProcess(config, in: folder)

        let before = try process.run("active-slot")
        let change = try process.run("switch", "green", "--reason", "release 7")
        let after = try process.run("active-slot")
        let inactive = try process.run("inactive-slot")
        let serving = try process.servingSlot()
        let back = try process.run("rollback")

        #expect(before.output == "blue\n")
        #expect([before, change, after, inactive, back].allSatisfy { $0.ending == .exit(0) })
        #expect(after.output == "green\n")
        #expect(inactive.output == "blue\n")
        #expect(serving == "green")
        #expect(try process.servingSlot() == "blue")
        #expect(try process.run("history").output.contains("release 7"))
    }

    @Test func `a switch to a slot that is not healthy is refused, unless it is forced`() throws {
        let process = try SwitchyardProcess(config, in: folder)
        green.isHealthy = false
        try eventually("green is unhealthy") {
            try process.admin("GET", "/metrics/slots/green").status == 503
        }

        let refused = try process.run("switch", "green")
        let serving = try process.servingSlot()
        let forced = try process.run("switch", "green", "--force")

        #expect(refused.ending == .exit(1))
        #expect(refused.output.contains("app"))
        #expect(serving == "blue")
        #expect(forced.ending == .exit(0))
        #expect(try process.run("active-slot").output == "green\n")
    }
}
