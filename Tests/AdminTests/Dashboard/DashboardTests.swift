import Foundation
import Proxy
import Testing

@testable import Admin

@Suite("Dashboard")
struct DashboardTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// `WRITE_DASHBOARD=1 swift test --filter DashboardTests` brings the file up to date.
    @Test func `the file of the deployment is the one that the program prints`() throws {
        let file = Self.root.appending(path: "deploy/grafana/dashboards/blue-green.json")
        if ProcessInfo.processInfo.environment["WRITE_DASHBOARD"] != nil {
            try Data(Dashboard.text.utf8).write(to: file)
        }

        let committed = try String(contentsOf: file, encoding: .utf8)

        #expect(committed == Dashboard.text, "run this test with WRITE_DASHBOARD=1")
    }

    @Test func `it begins with the four panels that users know`() {
        let titles = Dashboard.panels.map(\.title)

        #expect(
            titles.prefix(4) == [
                "Request Rate by Slot", "Error Rate by Slot", "P95 Latency by Slot",
                "Active Slot Indicator",
            ]
        )
        #expect(Set(titles).count == titles.count)
    }

    @Test func `a panel has its questions, its place and the colour of its limit`() throws {
        let panel = DashboardPanel(
            title: "T",
            summary: "S",
            drawing: .lines,
            limit: 5,
            queries: [.init("a", legend: "{{x}}"), .init("b", legend: "c")]
        )

        let json = panel.json(id: 7, place: ["x": JSON(12)])

        let targets = try #require(json["targets"]?.array)
        #expect(targets.map { $0["refId"]?.string } == ["A", "B"])
        #expect(targets.map { $0["expr"]?.string } == ["a", "b"])
        #expect(targets[0]["legendFormat"]?.string == "{{x}}")
        #expect(json["gridPos"] == ["x": JSON(12)])
        let thresholds = try #require(json["fieldConfig"]?["defaults"]?["thresholds"]?["steps"])
        #expect(thresholds.array?.map { $0["color"]?.string } == ["green", "red"])
    }

    @Test func `words stand for values from 0 on`() throws {
        let panel = DashboardPanel(
            title: "T",
            summary: "S",
            drawing: .bands,
            words: ["no", "yes"],
            queries: []
        )

        let mappings = panel.json(id: 1, place: [:])["fieldConfig"]?["defaults"]?["mappings"]

        let options = try #require(mappings?.array?.first?["options"])
        #expect(options["0"]?["text"]?.string == "no")
        #expect(options["1"]?["text"]?.string == "yes")
    }
}
