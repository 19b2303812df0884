import FoundationEssentials
import Proxy
import TestSupport
import Testing

@Suite("Traces, and what the access log tells")
struct TraceTests {
    struct Line: Decodable {
        var status: Int
        var trace_id: String?
        var connect_ms: Double?
        var head_ms: Double?
        var duration_ms: Double
        var end: String
        var reason: String?
        var attempts: Int
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-01"

    private let folder: TemporaryFolder
    private let origin: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue") { exchange in
            guard exchange.request.target == "/broken" else { return try exchange.respond() }
            try exchange.body()
            try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            exchange.close()
        }
    }

    private func proxy(
        _ format: Config.AccessLog.Format = .json,
        makes: Bool = false,
        logs: Bool = true
    ) throws -> ProxyUnderTest {
        try ProxyUnderTest(blue: origin) {
            var log = Config.AccessLog(path: folder["access.log"])
            log.format = format
            $0.accessLog = logs ? log : nil
            $0.forwarded.traceParent = makes ? .make : .pass
            $0.workers = 1
        }
    }

    private func texts(_ count: Int) throws -> [Substring] {
        var lines: [Substring] = []
        try eventually("\(count) lines") {
            let text = folder.text(of: "access.log") ?? ""
            lines = text.split(separator: "\n")
            return text.hasSuffix("\n") && lines.count >= count
        }
        return lines
    }

    private func lines(_ count: Int) throws -> [Line] {
        try texts(count).map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test func `a trace passes untouched and stands in the log; an invalid one passes too`() throws
    {
        let proxy = try proxy()

        _ = try proxy.get("/", "Traceparent: \(Self.parent)")
        _ = try proxy.get("/", "traceparent: 00-xyz")
        _ = try proxy.get("/")

        #expect(origin.requests.map { $0["traceparent"] } == [Self.parent, "00-xyz", nil])
        #expect(try lines(3).map(\.trace_id) == [Self.trace, nil, nil])
    }

    @Test func `where configured a trace is made for a request without a valid one`() throws {
        let proxy = try proxy(makes: true)

        _ = try proxy.get("/", "traceparent: \(Self.parent)")
        _ = try proxy.get("/", "traceparent: \(Self.parent.uppercased())")
        _ = try proxy.get("/", "traceparent: \(Self.parent)", "traceparent: \(Self.parent)")
        _ = try proxy.get("/")

        let sent = origin.requests.map { $0.head.values("traceparent") }
        let traces = try lines(4).map(\.trace_id)
        #expect(sent[0] == [Self.parent])
        for (fields, trace) in zip(sent, traces).dropFirst() {
            #expect(fields.count == 1)
            let parts = try #require(fields.first).split(separator: "-")
            #expect(parts.map(\.count) == [2, 32, 16, 2])
            #expect(parts[0] == "00" && parts[3] == "01")
            #expect(String(parts[1]) == trace)
        }
        #expect(Set(traces).count == 4)
    }

    @Test func `a bucket of the histogram has the trace as its exemplar`() throws {
        let proxy = try proxy(makes: true, logs: false)
        _ = try proxy.get("/", "traceparent: \(Self.parent)")

        var exemplars: [Exemplar] = []
        try eventually("an exemplar") {
            exemplars = proxy.server.statistics().lanes.flatMap(\.exemplars).compactMap(\.self)
            return !exemplars.isEmpty
        }

        #expect(exemplars.count == 1)
        #expect(exemplars[0].traceID == (0x0af7_6519_16cd_43dd, 0x8448_eb21_1c80_319c))
        #expect(exemplars[0].seconds > 0)
    }

    @Test func `the log tells the time of each stage and why an exchange ended`() throws {
        let proxy = try proxy()
        let downstream = try proxy.connect()

        _ = try downstream.get("/")
        _ = try downstream.get("/")
        _ = try proxy.connect().exchange("GET /\r\n\r\n")
        let broken = try proxy.connect()
        try broken.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try broken.responseHead()
        expectBrokenOff { try broken.readBody(of: head) { _ in } }
        let lines = try lines(4)

        #expect(lines.map(\.end) == ["complete", "complete", "answered", "upstream_closed"])
        #expect(lines[0].connect_ms ?? 0 > 0)
        #expect(lines[1].connect_ms == 0)
        #expect(lines[2].connect_ms == nil && lines[2].head_ms == nil)
        #expect(lines[2].reason?.isEmpty == false)
        for line in [lines[0], lines[1], lines[3]] {
            let headTime = try #require(line.head_ms)
            #expect(headTime > 0 && headTime <= line.duration_ms)
        }
    }

    @Test func `the combined format is Apache's`() throws {
        let proxy = try proxy(.combined)

        _ = try proxy.get("/a?b", "Referer: http://x/\"\\", "User-Agent: \"probe\"")
        _ = try proxy.get("/c")
        let lines = try texts(2).map(String.init)

        let time = #/127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] /#
        #expect(lines.allSatisfy { $0.prefixMatch(of: time) != nil }, "\(lines)")
        #expect(lines[0].contains(#""GET /a?b HTTP/1.1" 200 "#))
        #expect(lines[0].hasSuffix(#" "http://x/\x22\x5c" "\x22probe\x22""#), "\(lines[0])")
        #expect(lines[1].hasSuffix(#" "-" "-""#), "\(lines[1])")
    }

    @Test func `a flood of one cause is a few lines, and the next says how many there were`() throws
    {
        var config = ConfigText(blue: origin)
        config.routes = #"[{ "path_prefix": "/api/", "service": "app" }]"#
        config.more = #""error_log": { "lines_per_second": 3 },"#
        let process = try SwitchyardProcess(config, in: folder)
        let downstream = try process.connect()
        let start = ContinuousClock.now
        for _ in 0..<200 { #expect(try downstream.get("/elsewhere").status == 404) }

        var lines = 0
        try eventually("a line counts those that were held back") {
            _ = try downstream.get("/elsewhere")
            let text = process.child.errorText
            lines = text.split(separator: "\n").filter { $0.contains("\"status\":404") }.count
            return text.contains("\"held_back\":")
        }

        // One connection is one worker: three lines in each second that was begun.
        let seconds = Int((ContinuousClock.now - start) / .seconds(1)) + 2
        #expect(lines <= 3 * seconds)
        let page = try process.admin("GET", "/metrics").text
        let heldBack = try #require(page.firstMatch(of: #/error_log_lines_held_back_total (\d+)/#))
        #expect(Int(heldBack.output.1) ?? 0 > 100)
    }
}
