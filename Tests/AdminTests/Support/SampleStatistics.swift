@testable import Admin
@testable import Proxy

extension PrometheusText.Facts {
    /// A page with every family on it.
    static var sample: PrometheusText.Facts {
        var facts = PrometheusText.Facts(
            routing: RoutingState(
                generation: 7,
                active: SlotID(0),
                canary: Weight(basisPoints: 1_250)
            ),
            slots: ["blue", "green"]
        )
        facts.statistics = .sample
        facts.switches = [
            SwitchCount(key: .init(from: "blue", to: "green", reason: "switch"), count: 3)
        ]
        facts.configHash = "00ff"
        facts.configLoaded = Timestamp(seconds: 1_769_860_800, milliseconds: 500)
        facts.process.cpuSeconds = 1.25
        facts.process.residentBytes = 9_000_000
        facts.process.startSeconds = 1_769_860_000
        return facts
    }
}

extension Statistics {
    static var sample: Statistics {
        var statistics = Statistics()
        statistics.bucketsSeconds = [0.005, 0.1, 1, 2.5]
        statistics.lanes = [
            Lane(
                slot: "blue",
                service: "backend",
                requests: [
                    .init(method: "GET", status: 200, count: 5),
                    .init(method: "OTHER", status: 502, count: 1),
                ],
                durationBuckets: [1, 2, 0, 2, 1],
                durationSumSeconds: 7.5,
                inFlight: 2,
                requestBytes: 500,
                responseBytes: 12_345_678_901_234,
                connectBuckets: [3, 0, 0, 0, 0],
                connectSumSeconds: 0.003,
                split: 6,
                ruled: 4,
                rescued: ["closed": 3]
            ),
            Lane(slot: "green", service: "backend", durationBuckets: [0, 0, 0, 0, 0], split: 2),
            Lane(requests: [.init(method: "GET", status: 404, count: 9)]),
        ]
        statistics.endpoints = [
            Endpoint(
                slot: "blue",
                service: "backend",
                endpoint: "10.0.0.1:80",
                health: .healthy,
                weight: 1,
                attempts: [("ok", 6), ("connect_failed", 1)],
                idleConnections: 3,
                activeConnections: 2,
                isEjected: true,
                ejectedForSeconds: 2.5,
                ejections: [("consecutive_failures", 2), ("failure_percent", 0)]
            ),
            Endpoint(
                slot: "green",
                service: "backend",
                endpoint: "unix:/run/a \"b\"\\c\n",
                health: .unknown,
                weight: 1
            ),
        ]
        statistics.downstreamActive = 2
        statistics.downstreamIdle = 40
        statistics.downstreamAccepted = 99
        return statistics
    }
}
