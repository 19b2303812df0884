/// The keys that say what becomes of endpoints that fail and of clients that ask too much, as in
/// `ConfigFile+Keys.swift`.
extension ConfigRule<Config.Upstream> {
    static var faultKeys: [ConfigKey<Config.Upstream>] {
        [
            ConfigKey(
                "ejection",
                "When real traffic takes an endpoint out; null or false for never.",
                \.ejection,
                .either(.ejection, or: .null, .bool(false), meaning: "for no ejection")
            ),
            ConfigKey(
                "slow_start",
                "How long the share of an endpoint that comes back grows; null for not at all.",
                \.slowStart,
                .either(.duration, or: .null, meaning: "for all its share at once")
            ),
            ConfigKey(
                "fail_open",
                "Whether endpoints that are not healthy are tried where no other is left.",
                \.failOpen,
                .flag
            ),
            ConfigKey(
                "max_connections",
                "To one endpoint, over all workers; more requests wait. null for no limit.",
                \.maxConnections,
                .either(.integer(1...1_000_000), or: .null, meaning: "for no limit")
            ),
            ConfigKey(
                "queue",
                "Where requests wait while `max_connections` are in use.",
                \.queue,
                .queue
            ),
        ]
    }
}

extension ConfigRule<Config.Ejection> {
    fileprivate static var ejection: ConfigRule {
        .object(
            "an object, such as {\"consecutive_failures\": 5}",
            from: Config.Ejection(),
            [
                ConfigKey(
                    "consecutive_failures",
                    "Failures in a row that take an endpoint out.",
                    \.consecutiveFailures,
                    .integer(1...1_000)
                ),
                ConfigKey(
                    "failure_percent",
                    "Share of failures in a window that takes an endpoint out.",
                    \.failurePercent,
                    .integer(1...100)
                ),
                ConfigKey(
                    "minimum_requests",
                    "Attempts in a window below which the share says nothing.",
                    \.minimumRequests,
                    .integer(1...1_000_000)
                ),
                ConfigKey("window", "Over which the share is counted.", \.window, .duration),
                ConfigKey(
                    "time",
                    "Of the first ejection; each further one takes twice as long.",
                    \.time,
                    .duration
                ),
                ConfigKey(
                    "time_limit",
                    "The longest ejection; one who is well for so long begins anew.",
                    \.timeLimit,
                    .duration
                ),
                ConfigKey(
                    "server_errors",
                    "Whether a response with a status of 500 or above is a failure.",
                    \.serverErrors,
                    .flag
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Queue> {
    fileprivate static var queue: ConfigRule {
        .object(
            "an object, such as {\"timeout\": \"1s\"}",
            from: Config.Queue(),
            [
                ConfigKey(
                    "requests",
                    "That may wait, of each service in each slot and worker; else 503.",
                    \.requests,
                    .integer(0...65_536)
                ),
                ConfigKey("timeout", "For a connection; else 503.", \.timeout, .duration),
            ]
        )
    }
}

extension ConfigRule<Config.ClientRequests> {
    static var clientRequests: ConfigRule {
        .object(
            "an object, such as {\"per_second\": 100, \"burst\": 200}",
            from: Config.ClientRequests(),
            [
                ConfigKey(
                    "per_second",
                    "Requests of one client that are taken in the long run.",
                    \.perSecond,
                    .integer(1...1_000_000)
                ),
                ConfigKey(
                    "burst",
                    "Requests that may come at once after a quiet time.",
                    \.burst,
                    .integer(1...1_000_000)
                ),
            ]
        )
    }
}
