import Testing

@testable import Admin

/// What the real server answers is in `EndToEndTests/Rollout/RolloutQueryTests.swift`.
@Suite("Prometheus client")
struct PrometheusClientTests {
    private func answer(_ body: String, status: Int = 200) -> QueryRecord.Answer {
        PrometheusClient.answer(HTTPClient.Answer(status: status, body: Array(body.utf8)))
    }

    private static func vector(_ result: String) -> String {
        #"{"status":"success","data":{"resultType":"vector","result":[\#(result)]}}"#
    }

    @Test func `one sample is a number`() {
        #expect(answer(Self.vector(#"{"metric":{},"value":[1.5,"0.25"]}"#)) == .number(0.25))
    }

    @Test(arguments: [
        "", "{}", "not JSON", #"{"status":"success"}"#, vector(""), vector("{}"),
        vector(#"{"value":[1,2]}"#), vector(#"{"value":[1,"NaN"]}"#),
        vector(#"{"value":[1,"+Inf"]}"#), vector(#"{"value":[1,"x"]}"#),
        vector(#"{"value":[1,"1"]},{"value":[1,"1"]}"#),
        #"{"status":"error","error":"no"}"#,
        #"{"status":"success","data":{"resultType":"matrix","result":[[1,"1"]]}}"#,
    ])
    func `everything else is none`(body: String) {
        guard case .unclear(let reason) = answer(body) else {
            Issue.record("\(body) gave a number")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `a number with an error's status is none`() {
        let body = Self.vector(#"{"metric":{},"value":[1.5,"0.25"]}"#)

        #expect(answer(body, status: 503) != .number(0.25))
    }

    @Test func `a query is encoded byte by byte`() {
        #expect(
            PrometheusClient.encoded("a{b=\"ü+\"} / 2") == "a%7Bb%3D%22%C3%BC%2B%22%7D%20%2F%202"
        )
    }
}
