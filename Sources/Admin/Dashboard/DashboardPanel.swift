import Proxy

/// One panel: what it is called, how it draws, and what it asks Prometheus.
struct DashboardPanel {
    /// Grafana's own names of its ways to draw.
    enum Drawing: String {
        case lines = "timeseries"
        case bands = "state-timeline"
        case number = "stat"
        case heat = "heatmap"
    }

    /// A question to Prometheus, and how its series are called; `{{label}}` stands for a label.
    struct Query {
        let expression: String
        let legend: String

        init(_ expression: String, legend: String) {
            self.expression = expression
            self.legend = legend
        }
    }

    let title: String
    let summary: String
    let drawing: Drawing
    /// Grafana's name of a unit: `reqps`, `percent`, `percentunit`, `s`, `short`.
    var unit = "short"
    /// From where on the drawing is red; nil for no such line.
    var limit: Double?
    /// What single values are called, from 0 on; empty where they are numbers.
    var words: [String] = []
    let queries: [Query]

    func json(id: Int, place: JSON) -> JSON {
        [
            "id": JSON(id),
            "type": .string(drawing.rawValue),
            "title": .string(title),
            "description": .string(summary),
            "datasource": Dashboard.source,
            "gridPos": place,
            "fieldConfig": ["defaults": defaults, "overrides": .array([])],
            "options": options,
            "targets": .array(queries.enumerated().map { target($1, number: $0) }),
        ]
    }

    private func target(_ query: Query, number: Int) -> JSON {
        [
            "refId": .string(String("ABCDEFGH".dropFirst(number).prefix(1))),
            "datasource": Dashboard.source,
            "expr": .string(query.expression),
            "legendFormat": .string(query.legend),
            "format": .string(drawing == .heat ? "heatmap" : "time_series"),
            "range": .bool(true),
        ]
    }

    private var defaults: JSON {
        var steps: [JSON] = [["color": "green", "value": .null]]
        if let limit { steps.append(["color": "red", "value": JSON(limit)]) }
        let names = words.enumerated().map { index, word in
            let colour: JSON = index == 0 ? "dark-red" : "green"
            let name: JSON = ["text": .string(word), "color": colour]
            return (name: String(index), value: name)
        }
        return [
            "unit": .string(unit),
            "thresholds": ["mode": "absolute", "steps": .array(steps)],
            "custom": drawing == .lines ? lineStyle : ["fillOpacity": JSON(70)],
            "mappings": .array(
                names.isEmpty ? [] : [["type": "value", "options": .object(names)]]
            ),
        ]
    }

    private var lineStyle: JSON {
        [
            "drawStyle": "line",
            "fillOpacity": JSON(10),
            "thresholdsStyle": ["mode": limit == nil ? "off" : "line"],
        ]
    }

    private var options: JSON {
        switch drawing {
        case .lines: ["legend": ["displayMode": "list", "placement": "bottom"]]
        case .bands: ["showValue": "auto", "mergeValues": .bool(true)]
        case .number: ["colorMode": "background", "textMode": "value_and_name"]
        case .heat:
            [
                "calculate": .bool(false),
                "yAxis": ["unit": "s"],
                "color": ["scheme": "Oranges", "mode": "scheme"],
            ]
        }
    }
}
