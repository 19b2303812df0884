import CLinux
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite("Under systemd")
struct ServiceUnitTests {
    /// Opens sockets as a socket unit does, takes datagrams as systemd does, and becomes the
    /// program: what it prints before is where it listens.
    private static let activate = """
        import os, socket, sys
        names, program = sys.argv[1], sys.argv[2:]
        held = []
        for offset, name in enumerate(names.split(":")):
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(64)
            print(name, "127.0.0.1:%d" % listener.getsockname()[1], flush=True)
            held.append(listener)
        moved = [os.dup2(os.dup(s.fileno()), 100 + n) for n, s in enumerate(held)]
        for place, number in enumerate(moved):
            os.dup2(number, 3 + place, inheritable=True)
        text = open(program[-1]).read()
        for listener, name in zip(held, names.split(":")):
            text = text.replace("@" + name, "127.0.0.1:%d" % listener.getsockname()[1])
        open(program[-1], "w").write(text)
        os.environ.update(
            LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(moved)), LISTEN_FDNAMES=names)
        os.execv(program[0], program)
        """

    private let folder: TemporaryFolder
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue")
    }

    private func start(_ names: String, listener: String, admin: String) throws -> ChildProcess {
        var config = ConfigText(blue: origin)
        config.listener = listener
        config.admin = admin
        let path = try folder.write(config.json, to: "proxy.json")
        return try ChildProcess(
            ["python3", "-c", Self.activate, names, SwitchyardProcess.executable, "serve", path]
        )
    }

    private static func port(_ name: String, of process: ChildProcess) throws -> UInt16 {
        try process.waitForText("\(name) is told") { text in
            text.firstRange(of: "\(name) 127.0.0.1:").flatMap { place in
                UInt16(text[place.upperBound...].prefix(while: \.isNumber))
            }
        }
    }

    @Test func `the sockets of a socket unit are served, the admin port's too`() throws {
        let process = try start("data:admin", listener: "@data", admin: "@admin")
        let data = try Self.port("data", of: process)
        let admin = try Self.port("admin", of: process)

        let answer = try RawDownstream(port: data).get("/")
        let slot = try RawDownstream(port: admin).exchange(
            "GET /active-slot HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        process.send(SIGTERM)

        #expect(answer.status == 200)
        #expect(slot.text == "blue\n")
        #expect(try process.waitForEnd() == .exit(0), "\(process.errorText)")
    }

    @Test func `the sockets of a socket unit outlive an upgrade`() throws {
        let process = try start("data:admin", listener: "@data", admin: "@admin")
        let data = try Self.port("data", of: process)
        let admin = try Self.port("admin", of: process)
        let idle = try RawDownstream(port: data)
        #expect(try idle.get("/").status == 200)

        let upgrade = try RawDownstream(port: admin).exchange(
            "POST /upgrade HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n"
        )
        let digits = upgrade.text.drop { !$0.isNumber }.prefix(while: \.isNumber)
        let successor = try #require(Int32(digits), "\(upgrade.text) \(process.errorText)")
        defer { kill(successor, SIGKILL) }

        #expect(upgrade.status == 200)
        #expect(try idle.get("/").saysClose)
        try eventually("the old process ended") { process.hasEnded }
        #expect(try RawDownstream(port: data).get("/").status == 200)
        #expect(successor != process.processID)
    }

    @Test func `a socket that is no listener stops the start with a sentence`() throws {
        let process = try start("data", listener: "127.0.0.1:0", admin: "127.0.0.1:0")

        #expect(try process.waitForEnd() == .exit(1))
        #expect(process.errorText.contains("no listener of the configuration"))
    }

    @Test func `systemd is told of readiness, life, a reload, a new main process and the end`()
        throws
    {
        let listener = ServiceListener(at: folder["notify"])
        // Every two seconds a sign of life: the socket's queue has room for ten datagrams.
        let process = try SwitchyardProcess(
            ConfigText(blue: origin),
            in: folder,
            environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "8000000"]
        )
        #expect(try listener.wait(for: "READY=1").contains("STATUS="))
        #expect(try listener.wait(for: "WATCHDOG=1") == "WATCHDOG=1")

        process.child.send(SIGHUP)
        #expect(try listener.wait(for: "RELOADING=1").contains("MONOTONIC_USEC="))
        #expect(try listener.wait(for: "READY=1") == "READY=1")

        let answer = Beside { try process.admin("POST", "/upgrade") }
        let told = try Self.endingChildren(of: process) { try listener.wait(for: "MAINPID=") }
        let successor = try #require(Int32(told.dropFirst(8).prefix(while: \.isNumber)))
        defer { kill(successor, SIGKILL) }
        #expect(try answer.value().status == 200)
        #expect(successor != process.child.processID)
        // Not its output, whose pipes are the successor's too.
        try eventually("the old process ended") { process.child.hasEnded }

        // The new one is the main process now, and tells the same.
        #expect(try listener.wait(for: "WATCHDOG=1") == "WATCHDOG=1")
        kill(successor, SIGTERM)
        #expect(try listener.wait(for: "STOPPING=1").contains("STATUS=draining"))
        // Kept until here: its pipes are the successor's too, and are read to their end.
        #expect(process.child.hasEnded)
    }

    /// Ends what the process has started when `body` throws, for that holds the test's pipes open.
    private static func endingChildren<Result>(
        of process: SwitchyardProcess,
        when body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch {
            if let child = try? process.child.waitForChild() { kill(child, SIGKILL) }
            throw error
        }
    }

    @Test func `the unit files are as systemd wants them, and expose little`() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let service = "/\(root)/deploy/systemd/switchyard.service"
        let text = try String(contentsOfFile: service, encoding: .utf8)
        let runnable = text.replacing("/usr/bin/switchyard", with: SwitchyardProcess.executable)
        let copy = try folder.write(runnable, to: "switchyard.service")
        let socket = try String(
            contentsOfFile: "/\(root)/deploy/systemd/switchyard.socket",
            encoding: .utf8
        )
        let socketCopy = try folder.write(socket, to: "switchyard.socket")

        let verify = try ChildProcess(["systemd-analyze", "verify", copy, socketCopy])
        let verified = try verify.waitForEnd()
        let security = try ChildProcess(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", copy]
        )
        let secured = try security.waitForEnd()

        #expect(verified == .exit(0), "\(verify.errorText)")
        #expect(!verify.errorText.contains("switchyard"), "\(verify.errorText)")
        #expect(secured == .exit(0), "\(security.outputText)")
    }
}
