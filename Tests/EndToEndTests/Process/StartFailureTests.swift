import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Starts that fail")
struct StartFailureTests {
    private let folder: TemporaryFolder
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue")
    }

    /// Runs `serve`, and expects that it ends with 1 and says one thing that contains `words`.
    private func expectRefusal(
        of json: String,
        saying words: String...,
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = try folder.write(json, to: "proxy.json")
        let child = try ChildProcess(
            [SwitchyardProcess.executable, "serve", path],
            environment: environment
        )
        try expectRefusal(by: child, saying: words, sourceLocation: sourceLocation)
    }

    private func expectRefusal(
        by child: ChildProcess,
        saying words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try child.waitForEnd() == .exit(1), sourceLocation: sourceLocation)
        let text = child.errorText
        for word in words {
            #expect(text.contains(word), "in: \(text)", sourceLocation: sourceLocation)
        }
        #expect(!text.contains("Fatal error"), sourceLocation: sourceLocation)
        let lines = text.split(separator: "\n")
        #expect(
            Set(lines).count == lines.count,
            "said twice: \(text)",
            sourceLocation: sourceLocation
        )
    }

    /// The words before a program's path that run it without root's rights.
    private static let unprivileged: [String] =
        geteuid() == 0
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : []

    @Test func `a port that is taken is named`() throws {
        var config = ConfigText(blue: origin)
        config.listener = origin.authority

        try expectRefusal(of: config.json, saying: origin.authority, "another program")
    }

    @Test func `an admin port that is taken is named`() throws {
        var config = ConfigText(blue: origin)
        config.admin = origin.authority

        try expectRefusal(of: config.json, saying: origin.authority, "another program")
    }

    @Test func `an address that is not this machine's is named`() throws {
        var config = ConfigText(blue: origin)
        config.listener = "192.0.2.1:8080"

        try expectRefusal(of: config.json, saying: "192.0.2.1:8080")
    }

    @Test func `an admin port beyond loopback without a token is refused`() throws {
        var config = ConfigText(blue: origin)
        config.admin = "0.0.0.0:0"

        try expectRefusal(of: config.json, saying: "token")
    }

    @Test func `a configuration that is not there is named`() throws {
        let child = try ChildProcess([SwitchyardProcess.executable, "serve", folder["none.json"]])

        try expectRefusal(by: child, saying: [folder["none.json"]])
    }

    @Test func `a configuration that may not be read is named`() throws {
        let path = try folder.write(ConfigText(blue: origin).json, to: "secret.json")
        folder.setPermissions(0o755)
        folder.setPermissions(0o000, of: "secret.json")

        let child = try ChildProcess(
            Self.unprivileged + [SwitchyardProcess.executable, "serve", path]
        )

        try expectRefusal(by: child, saying: [path])
        #expect(child.errorText.lowercased().contains("permission"))
    }

    @Test func `a state file that may not be written is named`() throws {
        var config = ConfigText(blue: origin)
        config.keepState(in: folder)
        let path = try folder.write(config.json, to: "proxy.json")
        folder.setPermissions(0o555)
        defer { folder.setPermissions(0o755) }

        let child = try ChildProcess(
            Self.unprivileged + [SwitchyardProcess.executable, "serve", path]
        )

        try expectRefusal(by: child, saying: [folder.path])
        #expect(child.errorText.lowercased().contains("permission"))
    }

    @Test func `JSON that is broken is refused with its place`() throws {
        try expectRefusal(of: "{ \"listeners\": [,] }", saying: "line 1")
    }

    @Test func `an unknown key is named, with the one that was meant`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""timeout": { "drain": "10s" },"#

        try expectRefusal(of: config.json, saying: "timeout", "did you mean")
        #expect(folder.text(of: "state.json") == nil)
    }

    @Test func `all mistakes are told at once`() throws {
        var config = ConfigText(blue: origin)
        config.more = #""limits": { "fields": "many" }, "timeouts": { "drain": 10 },"#
        config.routes = #"[{ "service": "ap" }]"#

        try expectRefusal(of: config.json, saying: "fields", "drain", "\"ap\"")
    }

    @Test func `a first slot that nobody knows is refused`() throws {
        try expectRefusal(
            of: ConfigText(blue: origin).json,
            saying: "ACTIVE_SLOT",
            "purple",
            environment: ["ACTIVE_SLOT": "purple"]
        )
    }

    // MARK: State

    private func stateText() throws -> String {
        var config = ConfigText(blue: origin)
        config.keepState(in: folder)
        let process = try SwitchyardProcess(config, in: folder)
        #expect(try process.admin("POST", "/switch/green").status == 200)
        process.child.send(SIGTERM)
        _ = try process.child.waitForEnd()
        return try #require(folder.text(of: "state.json"))
    }

    @Test func `a state file that was damaged stops the start and stays as it is`() throws {
        var config = ConfigText(blue: origin)
        config.keepState(in: folder)
        let good = try stateText()
        let damaged = [
            good.replacing("green", with: "blue"), String(good.dropLast(good.utf8.count / 2)),
            "", "{}", "not JSON at all",
        ]

        for text in damaged {
            try folder.write(text, to: "state.json")
            try expectRefusal(of: config.json, saying: "state.json")
            #expect(folder.text(of: "state.json") == text)
        }
    }

    // MARK: Usage

    @Test func `an unknown verb is wrong usage`() throws {
        let child = try ChildProcess([SwitchyardProcess.executable, "serv"])

        #expect(try child.waitForEnd() == .exit(64))
        #expect(child.errorText.contains("serv"))
    }

    @Test func `an admin port where nobody listens is unreachable`() throws {
        let refusing = try RefusingPort()
        let child = try ChildProcess(
            [SwitchyardProcess.executable, "active-slot"],
            environment: ["SWITCHYARD_ADMIN": "http://127.0.0.1:\(refusing.port)"]
        )

        #expect(try child.waitForEnd() == .exit(69))
        #expect(child.errorText.contains("\(refusing.port)"))
    }
}
