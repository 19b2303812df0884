import Testing

@testable import Admin
@testable import Proxy

@Suite("Metrics page")
struct PrometheusTextTests {
    private static let classic = PrometheusText(.sample, format: .prometheus).page()
    private static let open = PrometheusText(.sample, format: .openMetrics).page()

    private static func lines(_ page: String) -> [Substring] { page.split(separator: "\n") }

    @Test(arguments: [
        #"http_requests_total{slot="blue",service="backend",method="GET",status="200"} 5"#,
        #"http_requests_total{slot="",service="",method="GET",status="404"} 9"#,
        #"http_requests_in_flight{slot="blue",service="backend"} 2"#,
        #"http_response_bytes_total{slot="blue",service="backend"} 12345678901234"#,
        #"http_requests_rescued_total{slot="blue",service="backend",reason="closed"} 3"#,
        #"http_requests_by_rule_total{slot="blue",service="backend"} 4"#,
        #"http_requests_by_rule_total{slot="green",service="backend"} 0"#,
        #"upstream_connections{slot="blue",service="backend",endpoint="10.0.0.1:80",state="idle"} 3"#,
        #"upstream_healthy{slot="blue",service="backend",endpoint="10.0.0.1:80"} 1"#,
        #"active_slot{slot="blue"} 1"#,
        #"active_slot{slot="green"} 0"#,
        #"slot_weight{slot="blue"} 0.875"#,
        #"slot_weight{slot="green"} 0.125"#,
        #"slot_switches_total{from="blue",to="green",reason="switch"} 3"#,
        #"slot_switches_total{from="green",to="blue",reason="rollback"} 0"#,
        "slot_generation 7",
        #"downstream_connections{state="idle"} 40"#,
        "config_reload_success_timestamp_seconds 1769860800.5",
        #"config_hash_info{hash="00ff"} 1"#,
        "process_cpu_seconds_total 1.25",
        "process_resident_memory_bytes 9000000",
        "process_start_time_seconds 1769860000",
    ])
    func `both formats have the series`(line: String) {
        #expect(Self.lines(Self.classic).contains(Substring(line)))
        #expect(Self.lines(Self.open).contains(Substring(line)))
    }

    @Test func `histogram buckets are cumulative and end in +Inf, count and sum`() {
        let found = Self.lines(Self.classic).filter {
            $0.hasPrefix("http_request_duration_seconds") && $0.contains("blue")
        }

        let labels = #"slot="blue",service="backend""#
        #expect(
            found == [
                #"http_request_duration_seconds_bucket{\#(labels),le="0.005"} 1"#,
                #"http_request_duration_seconds_bucket{\#(labels),le="0.1"} 3"#,
                #"http_request_duration_seconds_bucket{\#(labels),le="1"} 3"#,
                #"http_request_duration_seconds_bucket{\#(labels),le="2.5"} 5"#,
                #"http_request_duration_seconds_bucket{\#(labels),le="+Inf"} 6"#,
                #"http_request_duration_seconds_sum{\#(labels)} 7.5"#,
                #"http_request_duration_seconds_count{\#(labels)} 6"#,
            ]
        )
    }

    @Test func `label values are escaped, so that a page stays a page`() {
        let line =
            #"upstream_healthy{slot="green",service="backend","#
            + #"endpoint="unix:/run/a \"b\"\\c\n"} 0"#

        #expect(Self.lines(Self.classic).contains(Substring(line)))
    }

    @Test func `every family has one help and one type, before its samples`() {
        for page in [Self.classic, Self.open] {
            var titles: [Substring] = []
            for line in Self.lines(page) where line != "# EOF" {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP") {
                    titles.append(words[2])
                } else if line.hasPrefix("# TYPE") {
                    #expect(words[2] == titles.last)
                } else {
                    #expect(line.hasPrefix(titles.last ?? "-"), "\(line)")
                }
            }
            #expect(Set(titles).count == titles.count)
        }
    }

    @Test func `OpenMetrics names families without suffix, infos as such, and ends in EOF`() {
        let lines = Self.lines(Self.open)

        #expect(lines.contains("# TYPE http_requests counter"))
        #expect(lines.contains("# TYPE config_hash info"))
        #expect(lines.contains { $0.contains(#"le="1.0""#) })
        #expect(lines.last == "# EOF")
        #expect(!Self.classic.contains("# EOF"))
        #expect(Self.lines(Self.classic).contains("# TYPE http_requests_total counter"))
        #expect(Self.lines(Self.classic).contains("# TYPE config_hash_info gauge"))
    }

    @Test func `promtool has nothing to say about the page`() throws {
        #expect(try Promtool.findings(Self.classic) == "")
    }

    @Test func `a slot's page has that slot's series alone`() throws {
        let text = PrometheusText(.sample, format: .prometheus)

        let page = text.page(slot: "green", service: nil)

        let samples = Self.lines(page).filter { !$0.hasPrefix("#") }
        #expect(samples.allSatisfy { $0.contains(#"slot="green""#) })
        #expect(samples.contains(#"active_slot{slot="green"} 0"#))
        #expect(samples.contains { $0.hasPrefix("http_request_duration_seconds_count") })
        #expect(try Promtool.findings(page) == "")
    }

    @Test func `a slot's page can be narrowed to one service`() {
        let text = PrometheusText(.sample, format: .prometheus)

        let page = text.page(slot: "blue", service: "frontend")

        #expect(!page.contains("backend"))
        #expect(page.contains(#"active_slot{slot="blue"} 1"#))
    }

    @Test func `counters of a slot that is not active start at nothing, not at a gap`() {
        var facts = PrometheusText.Facts.sample
        facts.switches = []

        let page = PrometheusText(facts, format: .prometheus).page()

        #expect(Self.lines(page).filter { $0.hasPrefix("slot_switches_total{") }.count == 4)
    }
}
