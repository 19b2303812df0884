/// The keys of `rollout`, as in `ConfigFile+Keys.swift`.
extension ConfigRule<Config.Rollout> {
    /// What is left out stays as in `start`.
    static func rollout(from start: Config.Rollout = Config.Rollout()) -> ConfigRule {
        .object(
            "an object, such as {\"steps\": [{\"percent\": 5}]}",
            from: start,
            way + judgement + others
        )
    }

    /// Where the traffic goes, and when.
    private static var way: [ConfigKey<Config.Rollout>] {
        [
            ConfigKey("probe", "Requests before any user's.", \.probe, .probe),
            ConfigKey(
                "steps",
                "Shares of the candidate, rising; the promotion follows the last one.",
                \.steps,
                .list(.step, 0...ConfigLimits.rolloutSteps, of: "steps")
            ),
            ConfigKey(
                "promotion",
                "Whether a person approves it.",
                \.promotion,
                .word(Config.Rollout.Promotion.self)
            ),
            ConfigKey(
                "bake",
                "The watch after the promotion; null for none.",
                \.bake,
                .either(.bake, or: .null, .bool(false), meaning: "for no watch")
            ),
        ]
    }

    private static var judgement: [ConfigKey<Config.Rollout>] {
        [
            ConfigKey(
                "deadline",
                "For all of it, without the time that persons take.",
                \.deadline,
                .duration
            ),
            ConfigKey(
                "inconclusive",
                "What happens at the deadline.",
                \.inconclusive,
                .word(Config.Rollout.Inconclusive.self)
            ),
            ConfigKey(
                "floor_percent",
                "The share after a bad window, until one passes.",
                \.floor,
                .weight
            ),
            ConfigKey(
                "bad_windows",
                "So many bad windows end the rollout.",
                \.badWindows,
                .integer(1...100)
            ),
            ConfigKey(
                "user_failures",
                "More failures than this reach no user; null for no limit.",
                \.userFailureLimit,
                .either(.integer(0...1_000_000_000), or: .null, meaning: "for no limit")
            ),
        ]
    }

    private static var others: [ConfigKey<Config.Rollout>] {
        let hooks = 0...ConfigLimits.rolloutHooks
        return [
            ConfigKey(
                "gates",
                "Asked by POST before each step and the promotion; any 2xx agrees.",
                \.gates,
                .list(.webhook, hooks, of: "gates")
            ),
            ConfigKey(
                "notices",
                "Told by POST after each change.",
                \.notices,
                .list(.webhook, hooks, of: "notices")
            ),
            ConfigKey(
                "prometheus",
                "The Prometheus server that answers `queries`.",
                ifPresent: \.prometheus,
                .baseURL
            ),
            ConfigKey(
                "queries",
                "Checks of the verdict that are asked of Prometheus, by name.",
                \.namedQueries,
                .map(.query, 0...ConfigLimits.rolloutQueries, of: "queries")
            ),
        ]
    }
}

extension Config.Rollout {
    fileprivate var namedQueries: [Named<Query>] {
        get { queries.map { Named(name: $0.name, value: $0) } }
        set {
            queries = newValue.compactMap { item in
                guard var query = item.value else { return nil }
                query.name = item.name
                return query
            }
        }
    }
}

extension ConfigRule<Config.Rollout.Probe> {
    fileprivate static var probe: ConfigRule {
        .object(
            "an object, such as {\"requests\": 3}",
            from: Config.Rollout.Probe(),
            [
                ConfigKey(
                    "targets",
                    "Paths that every endpoint of their service has to answer with 200 to 399.",
                    \.targets,
                    .list(.probeTarget, 0...ConfigLimits.rolloutProbes, of: "targets")
                ),
                ConfigKey(
                    "requests",
                    "To each path at each endpoint.",
                    \.requests,
                    .integer(1...1_000)
                ),
                ConfigKey("timeout", "For an answer.", \.timeout, .duration),
                ConfigKey(
                    "wait",
                    "For the candidate to become healthy.",
                    \.wait,
                    .duration
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Rollout.Probe.Target> {
    fileprivate static var probeTarget: ConfigRule {
        .object(
            "an object with `service` and `path`",
            from: Config.Rollout.Probe.Target(),
            [
                ConfigKey(
                    "service",
                    "Whose endpoints.",
                    ifPresent: \.requiredService,
                    .name,
                    isRequired: true
                ),
                ConfigKey(
                    "path",
                    "What to GET.",
                    ifPresent: \.requiredPath,
                    .path,
                    isRequired: true
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Rollout.Step> {
    fileprivate static var step: ConfigRule {
        .object(
            "an object with `percent`",
            from: Config.Rollout.Step(),
            [
                ConfigKey(
                    "percent",
                    "The candidate's share.",
                    ifPresent: \.requiredWeight,
                    .weight,
                    isRequired: true
                ),
                ConfigKey(
                    "requests",
                    "At least so many to the candidate, besides a verdict that passes.",
                    \.requests,
                    .integer(0...1_000_000_000)
                ),
                ConfigKey(
                    "time",
                    "At least so long; null for as long as the verdict takes.",
                    \.time,
                    .either(.duration, or: .null, meaning: "for no least time")
                ),
                ConfigKey("approve", "Whether a person approves the step.", \.approve, .claim),
            ]
        )
    }
}

extension ConfigRule<Config.Rollout.Bake> {
    fileprivate static var bake: ConfigRule {
        .object(
            "an object, such as {\"time\": \"5m\"}",
            from: Config.Rollout.Bake(),
            [
                ConfigKey("time", "At least so long.", \.time, .duration),
                ConfigKey(
                    "hold_back_percent",
                    "The share that the old slot keeps, to compare with.",
                    \.holdBack,
                    .weight
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Rollout.Webhook> {
    fileprivate static var webhook: ConfigRule {
        .object(
            "an object with `url`",
            from: Config.Rollout.Webhook(),
            [
                ConfigKey(
                    "url",
                    "Where to POST.",
                    ifPresent: \.requiredURL,
                    .url,
                    isRequired: true
                ),
                ConfigKey("timeout", "For an answer.", \.timeout, .duration),
                ConfigKey(
                    "interval",
                    "Between two questions of a gate; before the second attempt of a notice.",
                    \.interval,
                    .duration
                ),
                ConfigKey(
                    "secret_file",
                    "File with the secret that signs the body.",
                    ifPresent: \.secretFile,
                    .file("a file with a secret")
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Rollout.Query> {
    fileprivate static var query: ConfigRule {
        .object(
            "an object with `query` and `min` or `max`",
            from: Config.Rollout.Query(),
            [
                ConfigKey(
                    "query",
                    "PromQL whose answer is one number.",
                    ifPresent: \.requiredQuery,
                    .promQL,
                    isRequired: true
                ),
                ConfigKey("min", "The least number that is good.", ifPresent: \.min, .number),
                ConfigKey("max", "The largest number that is good.", ifPresent: \.max, .number),
                ConfigKey("interval", "Between two questions.", \.interval, .duration),
                ConfigKey("timeout", "For an answer.", \.timeout, .duration),
                ConfigKey(
                    "failures",
                    "Bad numbers in a row that fail the check.",
                    \.failures,
                    .integer(1...100)
                ),
            ]
        )
    }
}

// MARK: What has no default

extension Config.Rollout.Probe.Target {
    fileprivate var requiredService: String? {
        get { service }
        set { service = newValue ?? service }
    }

    fileprivate var requiredPath: String? {
        get { path }
        set { path = newValue ?? path }
    }
}

extension Config.Rollout.Step {
    fileprivate var requiredWeight: Weight? {
        get { weight }
        set { weight = newValue ?? weight }
    }
}

extension Config.Rollout.Webhook {
    fileprivate var requiredURL: HTTPURL? {
        get { url }
        set { url = newValue ?? url }
    }
}

extension Config.Rollout.Query {
    fileprivate var requiredQuery: String? {
        get { query }
        set { query = newValue ?? query }
    }
}
