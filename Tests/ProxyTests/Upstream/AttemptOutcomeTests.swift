import Testing

@testable import Proxy

@Suite("Attempt outcome")
struct AttemptOutcomeTests {
    @Test func `the names are those of the documented metric`() {
        #expect(
            AttemptOutcome.allCases.map(\.name) == [
                "success", "server_error", "connect_failure", "connect_timeout",
                "response_timeout", "closed", "malformed_response", "aborted",
            ]
        )
    }

    @Test func `the raw values count up from zero, for they are places of counters`() {
        let cases = AttemptOutcome.allCases

        #expect(cases.map(\.rawValue) == Array(cases.indices))
    }
}
