import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

/// Against the real Prometheus.
@Suite("Rollout: queries", .serialized)
struct RolloutQueryTests {
    private let folder: TemporaryFolder
    private let prometheus: ChildProcess
    private let url: String

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("global: {scrape_interval: 1s}\n", to: "prometheus.yml")
        prometheus = try ChildProcess([
            "prometheus", "--config.file=\(folder["prometheus.yml"])",
            "--storage.tsdb.path=\(folder["data"])",
            "--web.listen-address=127.0.0.1:0",
        ])
        let port = try prometheus.waitForText("Prometheus tells its port") { text in
            text.firstMatch(of: /Listening on" address=127\.0\.0\.1:(\d+)\s/).map(\.1)
        }
        url = "http://127.0.0.1:\(port)"
        let url = url
        try eventually("Prometheus is ready") {
            guard let parsed = HTTPURL(url) else { return false }
            return (try? parsed.client.ask("GET", "/-/ready", within: .seconds(1)))?.status == 200
        }
    }

    private func answer(_ query: String) throws -> QueryRecord.Answer {
        var asked = Config.Rollout.Query()
        asked.query = query
        return PrometheusClient(url: try #require(HTTPURL(url))).ask(asked)
    }

    @Test func `one number is an answer, and nothing else is`() throws {
        #expect(try answer("vector(0.25)") == .number(0.25))
        #expect(try answer("1 + 1") == .number(2))
        #expect(
            try answer(#"sum(label_replace(vector(3), "path", "a&b=%", "", ""))"#) == .number(3)
        )
        #expect(try answer("vector(0) / vector(0)") == .unclear("the query gives NaN"))
        #expect(try answer("vector(1) / vector(0)") == .unclear("the query gives +Inf"))
        #expect(try answer("orders_total") == .unclear("the query has no data"))
        let two = #"vector(1) or label_replace(vector(2), "a", "b", "", "")"#
        #expect(
            try answer(two)
                == .unclear("the query has 2 series; write one that has one, as by sum()")
        )
        #expect(
            try answer(#""text""#) == .unclear("the query gives a string, not a number")
        )
        guard case .unclear(let reason) = try answer("sum(") else {
            Issue.record("a broken query gave a number")
            return
        }
        #expect(reason.hasPrefix("Prometheus answered 400: "))
    }

    private func plan(_ query: String, _ bounds: String) -> String {
        #"""
        "steps": [{"percent": 50}], "promotion": "automatic", "bake": null,
        "prometheus": "\#(url)",
        "queries": {"orders": {"query": "\#(query)", \#(bounds), "interval": "50ms"}}
        """#
    }

    @Test(arguments: [
        ("vector(7)", #""min": 5"#, 0, "promoted"),
        ("vector(7)", #""max": 5, "failures": 3"#, 1, "7.0 is not within 5.0 and less"),
    ])
    func `a query is a check of the verdict`(
        query: String,
        bounds: String,
        code: Int32,
        words: String
    ) throws {
        let yard = try RolloutYard(#""bad_windows": 1, "# + plan(query, bounds))
        let crowd = Crowd(4, port: yard.process.port)

        let (ending, output) = try yard.process.run("rollout", "start", "--wait")
        _ = crowd.stop()

        #expect(ending == .exit(code), "\(output)")
        #expect(output.contains(words))
    }

    @Test func `a query without an answer never passes, and says so`() throws {
        let yard = try RolloutYard(
            plan("orders_total", #""min": 5"#) + #", "deadline": "2s", "inconclusive": "abort""#
        )
        let crowd = Crowd(4, port: yard.process.port)

        let (ending, output) = try yard.process.run("rollout", "start", "--wait")
        _ = crowd.stop()

        #expect(ending == .exit(2), "\(output)")
        #expect(output.contains("query orders: the query has no data"))
    }

    @Test func `a server that is gone is no answer`() throws {
        prometheus.send(SIGKILL)
        _ = try prometheus.waitForEnd()

        guard case .unclear(let reason) = try answer("vector(1)") else {
            Issue.record("nobody gave a number")
            return
        }
        #expect(reason.contains("does not answer"))
    }
}
