import CLinux
import Glibc
import TestSupport
import Testing

@Suite("Upgrade of the program")
struct ProgramUpgradeTests {
    private let folder: TemporaryFolder
    private let hold = Gate()
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        blue = try OriginServer("blue") { [hold] exchange in
            switch exchange.request.target {
            case "/socket": try UpgradeTests.echo(exchange)
            case "/long":
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
                try hold.pass()
                try exchange.send("rest")
            default: try exchange.respond()
            }
        }
        green = try OriginServer("green")
    }

    private func start(
        keepsState: Bool = true,
        _ adjust: (inout ConfigText) -> Void = { _ in }
    ) throws -> SwitchyardProcess {
        var config = ConfigText(blue: blue, green: green)
        if keepsState { config.keepState(in: folder) }
        adjust(&config)
        return try SwitchyardProcess(config, in: folder)
    }

    /// The number of the process that answers on the admin port.
    private func upgraded(_ process: SwitchyardProcess) throws -> Int32 {
        let answer = try process.admin("POST", "/upgrade")
        #expect(answer.status == 200, "\(answer.text) \(process.child.errorText)")
        let digits = answer.text.drop { !$0.isNumber }.prefix(while: \.isNumber)
        return try #require(Int32(digits))
    }

    @Test(arguments: [true, false])
    func `requests, a download and a WebSocket go on, and the state is taken over`(
        keepsState: Bool
    ) throws {
        let process = try start(keepsState: keepsState)
        #expect(try process.admin("PUT", "/canary", body: "{\"percent\": 0}").status == 200)
        let idle = try process.connect()
        #expect(try idle.get("/").status == 200)
        let download = try process.connect()
        try download.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try download.responseHead()
        let socket = try process.connect()
        try socket.send(
            "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        #expect(try socket.responseHead().status == 101)

        let successor = try upgraded(process)
        defer { kill(successor, SIGKILL) }
        // The idle connection brings one more request, and is told that it is the last.
        let last = try idle.get("/")
        let fresh = try process.connect().get("/")
        try socket.send("ping")
        hold.open()
        var body: [UInt8] = []
        try download.readBody(of: head) { body += $0 }
        let status = try process.admin("GET", "/status")
        let history = try process.admin("GET", "/history")

        #expect((last.status, last.saysClose) == (200, true))
        #expect(fresh["X-Origin"] == "blue")
        #expect(try socket.bytes(4) == Array("ping".utf8))
        #expect(body == Array("firstrest".utf8))
        #expect(status.text.contains("\"generation\": 2"), "\(status.text)")
        #expect(history.text.contains("\"upgrade\""), "\(history.text)")
        #expect(history.text.contains("canary_set"))
        #expect(!process.child.hasEnded)

        socket.finishSending()
        #expect(try socket.bytesUntilEnd() == Array("bye".utf8))
        // It is idle now, and would be given the time of a drain for one more request.
        download.close()
        try eventually("the old process ended") { process.child.hasEnded }
        #expect(process.child.errorText.contains("has drained and ends"))
        #expect(try process.connect().get("/").status == 200)
    }

    @Test func `what the new process switches, the old one's connections follow`() throws {
        let process = try start()
        let idle = try process.connect()
        #expect(try idle.get("/")["X-Origin"] == "blue")
        let successor = try upgraded(process)
        defer { kill(successor, SIGKILL) }

        let change = try process.admin("POST", "/switch/green")
        let last = try idle.get("/")

        #expect(change.status == 200, "\(change.text)")
        #expect(last["X-Origin"] == "green")
        #expect(last.saysClose)
    }

    @Test func `a drain counts what the old process still has`() throws {
        let process = try start()
        let socket = try process.connect()
        try socket.send(
            "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        #expect(try socket.responseHead().status == 101)
        let successor = try upgraded(process)
        defer { kill(successor, SIGKILL) }
        #expect(try process.admin("POST", "/switch/green").status == 200)

        let running = try process.admin("GET", "/drain?slot=blue")
        socket.finishSending()
        #expect(try socket.bytesUntilEnd() == Array("bye".utf8))
        let drained = try process.admin("POST", "/drain/wait", body: "{\"slot\": \"blue\"}")

        #expect(running.text.contains("\"exchanges_of_older_process\": 1"), "\(running.text)")
        #expect(running.text.contains("\"drained\": false"))
        #expect(drained.text.contains("\"drained\": true"), "\(drained.text)")
    }

    @Test func `connections that wait in the queue are served by the new process`() throws {
        let process = try start()
        // Nobody turns the old workers while these connect: what is in the queues stays there.
        process.child.send(SIGUSR2)
        try eventually("it was replaced") {
            try process.admin("GET", "/history").text.contains("\"upgrade\"")
        }
        let successor = try Self.processNumber(in: process.admin("GET", "/history").text)
        defer { kill(successor, SIGKILL) }
        kill(successor, SIGSTOP)
        let waiting = try (0..<50).map { _ in try process.connect() }
        for connection in waiting { try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        kill(successor, SIGCONT)

        for connection in waiting { #expect(try connection.response().status == 200) }
    }

    private static func processNumber(in history: String) throws -> Int32 {
        let place = try #require(history.firstRange(of: "\"process "))
        return try #require(Int32(history[place.upperBound...].prefix(while: \.isNumber)))
    }

    @Test func `a new program that fails leaves the old one serving, and says why`() throws {
        let process = try start()
        _ = try folder.write("{ broken", to: "proxy.json")

        let answer = try process.admin("POST", "/upgrade")

        #expect(answer.status == 409)
        #expect(answer.text.contains("this process serves on"), "\(answer.text)")
        #expect(try process.connect().get("/").status == 200)
        #expect(try process.admin("POST", "/switch/green").status == 200)
        #expect(try process.servingSlot() == "green")
    }

    @Test func `a new program that cannot be run leaves the old one serving`() throws {
        var config = ConfigText(blue: blue, green: green)
        config.keepState(in: folder)
        let link = folder["switchyard"]
        #expect(unsafe symlink(SwitchyardProcess.executable, link) == 0)
        // Called by the link, as a release is that a link leads to.
        let process = try SwitchyardProcess(
            config,
            in: folder,
            launcher: ["sh", "-c", "shift; exec \(link) \"$@\"", "sh"]
        )

        #expect(unsafe unlink(link) == 0)
        let gone = try process.admin("POST", "/upgrade")
        _ = try folder.write("no program", to: "switchyard")
        let unfit = try process.admin("POST", "/upgrade")

        for answer in [gone, unfit] {
            #expect(answer.status == 409)
            #expect(answer.text.contains("\(link) cannot be started"), "\(answer.text)")
        }
        #expect(try process.connect().get("/").status == 200)
        #expect(try process.admin("POST", "/switch/green").status == 200)
    }

    @Test func `one that is not ready in time is ended`() throws {
        let process = try start { config in
            config.more = #""timeouts": { "upgrade": "700ms" },"#
        }
        // The new process probes an endpoint where nobody answers, and finds blue unhealthy.
        var config = ConfigText(blue: blue, green: green)
        config.blue = "127.0.0.1:1"
        config.keepState(in: folder)
        _ = try folder.write(config.json, to: "proxy.json")

        let answer = try process.admin("POST", "/upgrade")

        #expect(answer.status == 409)
        #expect(answer.text.contains("blue is not healthy"), "\(answer.text)")
        #expect(try process.servingSlot() == "blue")
    }

    @Test func `kill -9 of a new process that is not ready yet leaves the old one serving`() throws
    {
        let process = try start()
        // The new process waits for the probe of an endpoint where nobody answers.
        var config = ConfigText(blue: blue, green: green)
        config.blue = "127.0.0.1:1"
        config.keepState(in: folder)
        _ = try folder.write(config.json, to: "proxy.json")
        let answer = Beside { try process.admin("POST", "/upgrade") }
        let successor = try process.child.waitForChild()

        kill(successor, SIGKILL)

        #expect(try answer.value().status == 409)
        #expect(try answer.value().text.contains("this process serves on"))
        #expect(try process.connect().get("/").status == 200)
        #expect(try process.admin("POST", "/switch/green").status == 200)
        #expect(try process.servingSlot() == "green")
    }

    @Test func `kill -9 of the old process afterwards loses nothing of the new one`() throws {
        let process = try start()
        let socket = try process.connect()
        try socket.send(
            "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        #expect(try socket.responseHead().status == 101)
        let successor = try upgraded(process)
        defer { kill(successor, SIGKILL) }

        process.child.send(SIGKILL)
        try eventually("the old process is gone") { process.child.hasEnded }

        #expect(try process.connect().get("/").status == 200)
        #expect(try process.admin("POST", "/switch/green").status == 200)
        #expect(try process.servingSlot() == "green")
    }
}
