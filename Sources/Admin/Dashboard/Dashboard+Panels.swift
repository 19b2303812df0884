extension Dashboard {
    private static let backends = #"job=~"backend-blue|backend-green""#
    private static let ours = #"job="switchyard""#

    /// The four panels of the old page first; each sums before it divides.
    static let panels =
        comparison + [
            heat("blue"), heat("green"), split, healthyEndpoints, inFlight, slotFailures,
            verdict, rolloutState, rolloutShare,
        ]

    private static let comparison = [
        DashboardPanel(
            title: "Request Rate by Slot",
            summary: "Requests a second that users and previews sent to each slot.",
            drawing: .lines,
            unit: "reqps",
            queries: [
                .init(
                    "sum by (job) (rate(http_requests_total{\(backends)}[5m]))",
                    legend: "{{job}}"
                )
            ]
        ),
        DashboardPanel(
            title: "Error Rate by Slot",
            summary: "Share of answers with a status from 500; 5 % is the limit of a canary.",
            drawing: .lines,
            unit: "percent",
            limit: 5,
            queries: [
                .init(
                    """
                    (
                      sum by (job) (rate(http_requests_total{\(backends),status=~"5.."}[5m]))
                      or 0 * sum by (job) (rate(http_requests_total{\(backends)}[5m]))
                    )
                    / (sum by (job) (rate(http_requests_total{\(backends)}[5m])) > 0)
                    * 100
                    """,
                    legend: "{{job}}"
                )
            ]
        ),
        DashboardPanel(
            title: "P95 Latency by Slot",
            summary: "19 of 20 requests were faster; 2 s is the limit of a canary.",
            drawing: .lines,
            unit: "s",
            limit: 2,
            queries: [
                .init(
                    """
                    histogram_quantile(0.95,
                      sum by (job, le) (
                        rate(http_request_duration_seconds_bucket{\(backends)}[5m])
                      )
                    )
                    """,
                    legend: "{{job}}"
                )
            ]
        ),
        DashboardPanel(
            title: "Active Slot Indicator",
            summary: "Which slot is live by the routing in force, and which are up.",
            drawing: .bands,
            words: ["no", "yes"],
            queries: [
                .init("active_slot{\(ours)}", legend: "{{slot}} is active"),
                .init("up{\(backends)}", legend: "{{job}} is up"),
            ]
        ),
    ]

    private static func heat(_ slot: String) -> DashboardPanel {
        DashboardPanel(
            title: "Latency of \(slot)",
            summary: "How long requests to \(slot)'s backend took, by bucket.",
            drawing: .heat,
            queries: [
                .init(
                    """
                    sum by (le) (
                      increase(http_request_duration_seconds_bucket{job="backend-\(slot)"}[1m])
                    )
                    """,
                    legend: "{{le}}"
                )
            ]
        )
    }

    private static let split = DashboardPanel(
        title: "Split: configured and actual",
        summary: "The share of traffic that each slot should get, and what it got in two minutes.",
        drawing: .lines,
        unit: "percentunit",
        queries: [
            .init("slot_weight{\(ours)}", legend: "{{slot}} configured"),
            .init("slot:traffic_share:ratio2m", legend: "{{slot}} actual"),
        ]
    )

    private static let healthyEndpoints = DashboardPanel(
        title: "Healthy endpoints",
        summary: "Share of a service's endpoints that pass their health checks.",
        drawing: .lines,
        unit: "percentunit",
        queries: [
            .init(
                "avg by (slot, service) (upstream_healthy{\(ours)})",
                legend: "{{slot}} {{service}}"
            )
        ]
    )

    private static let inFlight = DashboardPanel(
        title: "Requests in flight",
        summary: "What each slot is answering now; a drained slot has none.",
        drawing: .lines,
        queries: [
            .init(
                #"sum by (slot) (http_requests_in_flight{job="switchyard",slot!=""})"#,
                legend: "{{slot}}"
            )
        ]
    )

    private static let slotFailures = DashboardPanel(
        title: "Failed attempts by slot",
        summary: "What slots did, before a further attempt may have helped; users saw less.",
        drawing: .lines,
        unit: "percentunit",
        queries: [.init("slot:upstream_failure_ratio:rate2m", legend: "{{slot}} {{service}}")]
    )

    private static let verdict = DashboardPanel(
        title: "Verdict",
        summary: "What the judge says of each slot; inconclusive while requests are missing.",
        drawing: .bands,
        words: ["no", "yes"],
        queries: [.init(#"verdict_state{\#(ours),check="all"}"#, legend: "{{slot}} {{state}}")]
    )

    private static let rolloutState = DashboardPanel(
        title: "Rollout state",
        summary: "Which state the last rollout is in.",
        drawing: .bands,
        words: ["no", "yes"],
        queries: [
            .init("rollout_state{\(ours)}", legend: "{{state}}"),
            .init("rollout_overdue{\(ours)}", legend: "overdue"),
        ]
    )

    private static let rolloutShare = DashboardPanel(
        title: "Rollout: share and failures",
        summary: "The candidate's share of live traffic, and failures of it that reached users.",
        drawing: .lines,
        queries: [
            .init("rollout_candidate_ratio{\(ours)}", legend: "candidate's share"),
            .init("rollout_user_failures{\(ours)}", legend: "failures that users saw"),
        ]
    )
}
