/// The keys of the sections that hold numbers, as in `ConfigFile+Keys.swift`.
extension ConfigRule<Config.Timeouts> {
    static var timeouts: ConfigRule {
        .object(
            "an object, such as {\"connect\": \"2s\"}",
            from: Config.Timeouts(),
            [
                ConfigKey("connect", "To connect to an endpoint.", \.connect, .duration),
                ConfigKey(
                    "response_head",
                    "For an endpoint's head, once the request is sent.",
                    \.responseHead,
                    .duration
                ),
                ConfigKey(
                    "stream_idle",
                    "Without a byte on a running response or tunnel.",
                    \.streamIdle,
                    .duration
                ),
                ConfigKey("request_head", "For a whole request head.", \.requestHead, .duration),
                ConfigKey(
                    "request_body",
                    "Without a byte of a request body.",
                    \.requestBody,
                    .duration
                ),
                ConfigKey("keepalive", "Between two requests.", \.keepalive, .duration),
                ConfigKey("drain", "For exchanges to end, once we stop.", \.drain, .duration),
                ConfigKey(
                    "stream_drain",
                    "For streams to end, once their slot lost its traffic.",
                    \.streamDrain,
                    .duration
                ),
                ConfigKey(
                    "upgrade",
                    "For the new process of an upgrade to be ready.",
                    \.upgrade,
                    .duration
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Limits> {
    static var limits: ConfigRule {
        .object(
            "an object, such as {\"head_bytes\": \"32KiB\"}",
            from: Config.Limits(),
            [
                ConfigKey(
                    "head_bytes",
                    "Of a request or response head; else 431 or 502.",
                    \.headBytes,
                    .size(1_024...1 << 20)
                ),
                ConfigKey("fields", "Lines in a head; else 431.", \.fields, .integer(1...256)),
                ConfigKey(
                    "target_bytes",
                    "Of a request's path and query; else 414.",
                    \.targetBytes,
                    .size(64...1 << 20)
                ),
                ConfigKey(
                    "body_bytes",
                    "Of a request body; else 413. null for no limit.",
                    \.wholeBodyBytes,
                    .either(.size(1...1 << 40), or: .null, meaning: "for no limit")
                ),
                ConfigKey(
                    "downstream_connections",
                    "Open at one time.",
                    \.downstreamConnections,
                    .integer(1...4_194_304)
                ),
                ConfigKey(
                    "client_requests",
                    "How often one client may ask; else 429. null for no limit.",
                    \.clientRequests,
                    .either(.clientRequests, or: .null, meaning: "for no limit")
                ),
                ConfigKey(
                    "client_connections",
                    "Open at one time by one client; more are closed. null for no limit.",
                    \.clientConnections,
                    .either(.integer(1...1_000_000), or: .null, meaning: "for no limit")
                ),
            ]
        )
    }
}

extension Config.Limits {
    fileprivate var wholeBodyBytes: Int? {
        get { bodyBytes.map { Int(clamping: $0) } }
        set { bodyBytes = newValue.map { UInt64($0) } }
    }
}

extension ConfigRule<Config.Upstream> {
    static var upstream: ConfigRule {
        .object(
            "an object, such as {\"retries\": 1}",
            from: Config.Upstream(),
            [
                ConfigKey(
                    "idle_connections",
                    "Kept for each endpoint by each worker.",
                    \.idleConnections,
                    .integer(0...65_536)
                ),
                ConfigKey(
                    "idle_timeout",
                    "After which an idle connection is closed.",
                    \.idleTimeout,
                    .duration
                ),
                ConfigKey(
                    "retries",
                    "Further attempts where one is safe.",
                    \.retries,
                    .integer(0...10)
                ),
                ConfigKey(
                    "retry_budget_percent",
                    "Retries for a hundred requests, at most.",
                    \.retryBudgetPercent,
                    .integer(0...100)
                ),
                ConfigKey(
                    "balance",
                    "How an endpoint is chosen.",
                    \.balance,
                    .word(Config.Upstream.Balance.self)
                ),
                ConfigKey(
                    "resolve_interval",
                    "Between two look-ups of a name.",
                    \.resolveInterval,
                    .duration
                ),
            ] + faultKeys
        )
    }
}

extension ConfigRule<Config.Forwarded> {
    static var forwarded: ConfigRule {
        .object(
            "an object, such as {\"request_id\": \"X-Request-ID\"}",
            from: Config.Forwarded(),
            [
                ConfigKey(
                    "trusted_proxies",
                    "Whose X-Forwarded fields we believe.",
                    \.trustedProxies,
                    .list(.addressRange, 0...ConfigLimits.trustedProxies, of: "address ranges")
                ),
                ConfigKey(
                    "request_id",
                    "The header that carries the request's id.",
                    \.requestID,
                    .ownFieldName
                ),
                ConfigKey(
                    "traceparent",
                    "`make` begins a trace for a request without one.",
                    \.traceParent,
                    .word(Config.Forwarded.TraceParentRule.self)
                ),
            ]
        )
    }
}

extension ConfigRule<Config.AccessLog> {
    static var accessLog: ConfigRule {
        .object(
            "an object, such as {\"path\": \"-\"}",
            from: Config.AccessLog(path: "-"),
            [
                ConfigKey(
                    "path",
                    "`-` for standard output, or a file.",
                    \.path,
                    .file("a log file")
                ),
                ConfigKey(
                    "format",
                    "How a line is written.",
                    \.format,
                    .word(Config.AccessLog.Format.self)
                ),
            ]
        )
    }
}

extension ConfigRule<Config.ErrorLog> {
    static var errorLog: ConfigRule {
        .object(
            "an object, such as {\"level\": \"warn\"}",
            from: Config.ErrorLog(),
            [
                ConfigKey(
                    "level",
                    "`error` is least, `info` is all.",
                    \.level,
                    .word(Config.ErrorLog.Level.self)
                ),
                ConfigKey(
                    "lines_per_second",
                    "Of one cause, from one worker.",
                    \.linesPerSecond,
                    .integer(1...100_000)
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Metrics> {
    static var metrics: ConfigRule {
        .object(
            "an object, such as {\"buckets_seconds\": [0.1, 1, 10]}",
            from: Config.Metrics(),
            [
                ConfigKey(
                    "buckets_seconds",
                    "Upper bounds of the latency histogram's buckets.",
                    \.bucketsSeconds,
                    .bucketsSeconds
                )
            ]
        )
    }
}
