import Proxy

/// Grafana's page "Blue/Green comparison", which `switchyard dashboard-json` prints.
///
/// The file of the deployment is written from here, as the configuration's schema is from its check.
package enum Dashboard {
    /// Panels stand two in a row on Grafana's grid of 24 columns.
    private static let panelWidth = 12
    private static let panelHeight = 8

    static let source: JSON = ["type": "prometheus", "uid": "${datasource}"]

    /// The page as Grafana reads it from a file.
    package static var text: String { json.text }

    private static var json: JSON {
        [
            "uid": "switchyard-blue-green",
            "title": "Blue/Green comparison",
            "tags": .array(["switchyard"]),
            "schemaVersion": JSON(39),
            "version": JSON(1),
            "editable": .bool(true),
            "refresh": "10s",
            "time": ["from": "now-30m", "to": "now"],
            "templating": ["list": .array([chosenSource])],
            "annotations": ["list": .array(annotations)],
            "panels": .array(panels.enumerated().map { $1.json(id: $0 + 1, place: place($0)) }),
        ]
    }

    private static let chosenSource: JSON = [
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": .object([]),
    ]

    private static func place(_ index: Int) -> JSON {
        [
            "h": JSON(panelHeight), "w": JSON(panelWidth),
            "x": JSON(index % 2 * panelWidth), "y": JSON(index / 2 * panelHeight),
        ]
    }

    /// Every change of traffic as a line across all panels.
    private static let annotations = [
        annotation(
            "Switches",
            "sum by (from, to, reason) (changes(slot_switches_total{job=\"switchyard\"}[1m])) > 0",
            text: "{{reason}}: {{from}} to {{to}}",
            colour: "purple"
        ),
        annotation(
            "Changes of traffic",
            "sum(changes(slot_generation{job=\"switchyard\"}[1m])) > 0",
            text: "a new generation",
            colour: "blue"
        ),
    ]

    private static func annotation(
        _ name: String,
        _ expression: String,
        text: String,
        colour: String
    ) -> JSON {
        [
            "name": .string(name),
            "datasource": source,
            "enable": .bool(true),
            "iconColor": .string(colour),
            "expr": .string(expression),
            "titleFormat": .string(text),
            "step": "10s",
        ]
    }
}
