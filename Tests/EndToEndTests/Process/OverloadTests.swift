import CLinux
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Attackers beside honest clients: these are served, memory stays under the bound of
/// docs/reliability.md, and descriptors come back.
@Suite("Overload and abuse", .serialized)
struct OverloadTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        Descriptors.raiseLimit()
    }

    private static let workers = 2
    /// `Workbench.backlogBudgetBytes`, of each worker.
    private static let backlogBytes = 64 * 1024 * 1024
    /// What an exchange may hold beside that: two heads and a small read.
    static let exchangeBytes = (32 + 32 + 16) * 1024
    /// First use of code pages, and what an allocator keeps.
    static let slackBytes = 16 * 1024 * 1024

    /// The bound that docs/reliability.md states, for connections with an exchange.
    static func boundBytes(exchanges: Int) -> Int {
        Scale.memory(workers * backlogBytes + exchanges * exchangeBytes + slackBytes)
    }

    private static let largeBytes = 1024 * 1024

    /// One row for docs/reliability.md.
    static func tell(_ attack: String, _ growth: Int) {
        print("resident memory, \(attack): \(growth / 1024) KiB more")
    }

    /// Answers a megabyte under `/large`, and what honest clients expect under all else.
    static func origin() throws -> OriginServer {
        let large = [UInt8](repeating: 0x78, count: largeBytes)
        return try OriginServer("blue") { exchange in
            guard exchange.request.target.hasPrefix("/large") else {
                return try LoadClients.answer(exchange)
            }
            try exchange.respond(body: large)
        }
    }

    func process(_ origin: OriginServer, _ more: String = "") throws -> SwitchyardProcess {
        var config = ConfigText(blue: origin)
        config.more = #""upstream": { "idle_timeout": "2s" },"# + more
        let process = try SwitchyardProcess(config, in: folder)
        for _ in 0..<100 { _ = try process.connect().get("/") }
        try waitForNoConnections(process)
        return process
    }

    func waitForNoConnections(_ process: SwitchyardProcess) throws {
        try eventually("every connection is gone") {
            let page = try process.admin("GET", "/metrics").text
            return page.contains("downstream_connections{state=\"idle\"} 0")
                && page.contains("downstream_connections{state=\"active\"} 0")
        }
    }

    // MARK: Slow attackers

    private static let attackers = 200

    @Test(arguments: ["-H", "-B", "-R", "-X"])
    func `honest clients are served while slowhttptest attacks`(mode: String) throws {
        let origin = try Self.origin()
        let process = try process(
            origin,
            #""timeouts": { "request_head": "2s", "request_body": "2s", "keepalive": "2s" },"#
        )
        let descriptors = try process.child.descriptorCount()
        let before = try process.child.residentBytes()
        let honest = LoadClients(2, port: process.port)

        let count = Scale.of(Self.attackers, floor: 50)
        let attack = try ChildProcess([
            "slowhttptest", mode, "-c", "\(count)", "-r", "\(count)", "-i", "1", "-l", "5",
            "-p", "10", "-x", "24", "-s", "65536", "-k", "4",
            "-u", "http://127.0.0.1:\(process.port)/large",
        ])
        var most = before
        try eventually("the attack has ended", within: .seconds(120)) {
            most = max(most, try process.child.residentBytes())
            return attack.hasEnded
        }
        try honest.waitForResponses(10)
        let tally = honest.stop()

        #expect(try attack.waitForEnd() == .exit(0), "\(attack.outputText)")
        #expect(tally.failures == [])
        #expect(tally.responses > 20)
        Self.tell("slowhttptest \(mode) with \(count) connections", most - before)
        #expect(most - before < Self.boundBytes(exchanges: count))
        try waitForNoConnections(process)
        try eventually("all descriptors are given back") {
            try process.child.descriptorCount() <= descriptors
        }
    }

    @Test func `heads that never end cost their bytes and no more`() throws {
        let origin = try Self.origin()
        let process = try process(origin)
        let before = try process.child.residentBytes()
        let count = Scale.of(400, floor: 40)
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 30_000)

        let downstreams = try (0..<count).map { _ in
            let downstream = try process.connect()
            try downstream.send(head)
            return downstream
        }
        #expect(try process.connect().get("/honest").status == 200)
        let growth = try process.child.residentBytes() - before
        for downstream in downstreams { downstream.reset() }

        Self.tell("\(count) heads without end", growth)
        #expect(growth < Scale.memory(count * Self.exchangeBytes + Self.slackBytes))
        try waitForNoConnections(process)
    }

    @Test func `a client that pipelines and never reads is stopped`() throws {
        let origin = try Self.origin()
        let process = try process(origin)
        let before = try process.child.residentBytes()
        let requests = Array(
            String(repeating: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", count: 1_000).utf8
        )

        let downstream = try process.connect(receiveBufferBytes: 16 * 1024)
        var sentBytes = 0
        // It takes no more of them when nothing could be sent for as long as this.
        while downstream.wire.awaitRoom(for: .milliseconds(500)) {
            sentBytes += try downstream.wire.sendSome(
                requests[(sentBytes % requests.count)...]
            )
            guard sentBytes < 64 * 1024 * 1024 else { break }
        }
        let growth = try process.child.residentBytes() - before
        let status = try process.connect().get("/honest").status
        downstream.reset()

        #expect(sentBytes < 64 * 1024 * 1024)
        #expect(status == 200)
        Self.tell("pipelining without reading", growth)
        #expect(growth < Self.boundBytes(exchanges: 1))
        try waitForNoConnections(process)
    }

    // MARK: Many connections

    /// What an idle connection may cost: half of a page for each of its two ends, and the table.
    private static let idleBytes = 4_096

    @Test func `ten thousand idle connections are held, and cost less than 4 KiB each`() throws {
        let origin = try Self.origin()
        let process = try process(origin)
        let descriptors = try process.child.descriptorCount()
        let before = try process.child.residentBytes()
        let each = Scale.of(2_500, floor: 100)
        let port = process.port

        let idle = try inThreads(4) { _ in
            try (0..<each).map { _ in
                let downstream = try RawDownstream(port: port, readerBytes: 1_024)
                guard try downstream.get("/").status == 200 else {
                    throw TestFailure("an idle connection was not served first")
                }
                return downstream.wire
            }
        }
        let growth = try process.child.residentBytes() - before
        let open = try process.child.descriptorCount()
        #expect(try process.connect().get("/honest").status == 200)
        for wire in idle.joined() { wire.close() }

        Self.tell("\(4 * each) idle connections", growth)
        #expect(open >= descriptors + 4 * each * 9 / 10)
        #expect(growth < Scale.memory(4 * each * Self.idleBytes + Self.slackBytes))
        try eventually("all descriptors are given back", within: .seconds(60)) {
            try process.child.descriptorCount() <= descriptors
        }
    }

    @Test func `a flood of short connections leaves nothing behind`() throws {
        let origin = try Self.origin()
        let process = try process(origin)
        let descriptors = try process.child.descriptorCount()
        let before = try process.child.residentBytes()
        let port = process.port
        let each = Scale.of(1_500, floor: 100)

        let served = try inThreads(4) { client in
            var served = 0
            for number in 0..<each {
                let downstream = try RawDownstream(port: port, readerBytes: 1_024)
                if number.isMultiple(of: 3) {
                    downstream.reset()
                    continue
                }
                if try downstream.get("/\(client)").status == 200 { served += 1 }
                downstream.close()
            }
            return served
        }

        #expect(served.allSatisfy { $0 == each - (each + 2) / 3 })
        #expect(try process.child.residentBytes() - before < Scale.memory(Self.slackBytes))
        try waitForNoConnections(process)
        try eventually("all descriptors are given back") {
            try process.child.descriptorCount() <= descriptors
        }
    }

    // MARK: At the connection limit

    @Test func `at the limit accepting rests without spinning, and the admin port answers`() throws
    {
        let origin = try Self.origin()
        let process = try process(origin, #""limits": { "downstream_connections": 20 },"#)
        // Workers take connections as the kernel spreads them: more than enough for both.
        let waiting = try (0..<200).map { _ in try process.connect() }
        try eventually("both workers are full") {
            try process.admin("GET", "/metrics").text
                .contains("downstream_connections{state=\"idle\"} 20\n")
        }
        let before = try Self.processorTicks(process.child)

        // Nothing comes for a second, in which a loop that spins would use its processor up.
        let hasBytes = waiting[199].wire.awaitBytes(for: .seconds(1))
        let ticks = try Self.processorTicks(process.child) - before
        let status = try process.admin("GET", "/status").status
        let page = try process.admin("GET", "/metrics").text
        for downstream in waiting { downstream.close() }

        #expect(!hasBytes)
        #expect(ticks < sysconf(Int32(_SC_CLK_TCK)) / 5, "\(ticks) ticks in a second of rest")
        #expect(status == 200)
        // Both workers rested at least once.
        let pauses = page.firstMatch(of: #/accept_pauses_total{reason="limit"} (\d+)/#)
        #expect(pauses.flatMap { Int($0.output.1) } ?? 0 >= 2)
        try eventually("the next client is served") {
            (try? process.connect().get("/honest").status) == 200
        }
    }

    /// The processor time that a process has used, in ticks of the kernel's clock.
    private static func processorTicks(_ child: ChildProcess) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(child.processID)/stat", encoding: .utf8)
        // The name in brackets may have blanks; user and system time are the 12th and 13th behind.
        let fields = text.drop { $0 != ")" }.split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
            throw TestFailure("no processor time in \(text)")
        }
        return user + system
    }
}
