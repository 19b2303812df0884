/// All keys of `proxy.json`, from which the check, the schema and the view are made.
extension ConfigRule<ConfigFile> {
    static var file: ConfigRule {
        .object(
            "an object with `listeners`, `services`, `slots` and `active_slot`",
            from: ConfigFile(),
            traffic + settings
        )
    }

    /// Where requests come from and go to; all of it is required.
    private static var traffic: [ConfigKey<ConfigFile>] {
        [
            ConfigKey("$schema", "The JSON Schema, for editors.", .any, written: nil),
            ConfigKey(
                "listeners",
                "The bound addresses with their routes.",
                ifPresent: \.listeners,
                .list(.located(.listener), 1...ConfigLimits.listeners, of: "listeners"),
                isRequired: true
            ),
            ConfigKey(
                "services",
                "The parts of the application; every slot runs every one of them.",
                ifPresent: \.services,
                .map(.service, 1...ConfigLimits.services, of: "services"),
                isRequired: true
            ),
            ConfigKey(
                "slots",
                "The two deployed versions of the application, with their endpoints.",
                ifPresent: \.slots,
                .map(.slot, 2...2, of: "slots"),
                isRequired: true
            ),
            ConfigKey(
                "active_slot",
                "The slot that takes the traffic at the very first start.",
                ifPresent: \.activeSlot,
                .name,
                isRequired: true
            ),
        ]
    }

    private static var settings: [ConfigKey<ConfigFile>] {
        [
            ConfigKey("admin", "The admin port.", \.settings.admin, .admin),
            ConfigKey(
                "state_file",
                "Where switches are kept over restarts; null keeps them in memory only.",
                \.settings.stateFile,
                .either(
                    .file("the state file"),
                    or: .null,
                    meaning: "to keep the state in memory only"
                )
            ),
            ConfigKey(
                "workers",
                "Threads that serve requests; null is one for each core.",
                \.settings.workers,
                .either(.integer(1...256), or: .null, meaning: "for one for each core")
            ),
            ConfigKey("canary", "How traffic is split.", \.settings.canary, .canary),
            ConfigKey(
                "preview",
                "How a request asks for a slot that is not live; false for not at all.",
                \.settings.preview,
                .either(.preview, or: .null, .bool(false), meaning: "for no preview")
            ),
            ConfigKey("timeouts", "How long we wait.", \.settings.timeouts, .timeouts),
            ConfigKey("limits", "How much we take.", \.settings.limits, .limits),
            ConfigKey("upstream", "How endpoints are used.", \.settings.upstream, .upstream),
            ConfigKey(
                "forwarded",
                "What endpoints are told of a request's origin.",
                \.settings.forwarded,
                .forwarded
            ),
            ConfigKey(
                "access_log",
                "Where requests are logged; null or false for nowhere.",
                \.settings.accessLog,
                .either(.accessLog, or: .null, .bool(false), meaning: "for no access log")
            ),
            ConfigKey(
                "health_path",
                "Answered by the data port itself, for load balancers; null for none.",
                \.settings.healthPath,
                .either(.path, or: .null, meaning: "for none")
            ),
            ConfigKey(
                "error_log",
                "What is told on standard error.",
                \.settings.errorLog,
                .errorLog
            ),
            ConfigKey("metrics", "How requests are measured.", \.settings.metrics, .metrics),
            ConfigKey(
                "rollout",
                "How a rollout moves traffic to the other slot.",
                \.settings.rollout,
                .rollout()
            ),
            ConfigKey("judge", "When a slot passes or fails.", \.settings.judge, .judge),
        ]
    }
}

extension ConfigRule<ConfigFile.Listener> {
    fileprivate static var listener: ConfigRule {
        .object(
            "an object with `address` and `routes`",
            from: ConfigFile.Listener(),
            [
                ConfigKey(
                    "address",
                    "IP address and port; `:8080` is every IPv4 address, port 0 takes a free port.",
                    ifPresent: \.address,
                    .listenAddress,
                    isRequired: true
                ),
                ConfigKey(
                    "routes",
                    "Tried by exact path, then longest prefix, then in this order; else 404.",
                    ifPresent: \.routes,
                    .list(.located(.route), 1...ConfigLimits.routes, of: "routes"),
                    isRequired: true
                ),
            ]
        )
    }
}

extension ConfigRule<ConfigFile.Route> {
    fileprivate static var route: ConfigRule {
        .object(
            "an object with `service` and what to match",
            from: ConfigFile.Route(),
            [
                ConfigKey(
                    "path",
                    "The exact path, compared byte for byte and without the query.",
                    ifPresent: \.path,
                    .path
                ),
                ConfigKey(
                    "path_prefix",
                    "The start of the path: `/api/` is not `/api`, and `/api` is not `/apix`.",
                    ifPresent: \.pathPrefix,
                    .path
                ),
                ConfigKey(
                    "host",
                    "The host, without a port; `*.example.org` for all names under it.",
                    ifPresent: \.host,
                    .host
                ),
                ConfigKey("header", "A header it must have.", ifPresent: \.header, .headerMatch),
                ConfigKey(
                    "methods",
                    "The methods it may have; GET does not stand for HEAD.",
                    ifPresent: \.methods,
                    .list(.method, 1...16, of: "methods")
                ),
                ConfigKey(
                    "service",
                    "The service that takes the request.",
                    ifPresent: \.service,
                    .name,
                    isRequired: true
                ),
                ConfigKey(
                    "asset_rescue",
                    "Whether a GET that is 404 in its slot is tried in the other one.",
                    \.rescuesAssets,
                    .flag
                ),
                ConfigKey(
                    "name",
                    "What the judge calls it; routes of a service with one name are judged as one.",
                    ifPresent: \.name,
                    .routeName
                ),
                ConfigKey(
                    "judged",
                    "Whether the judge looks at it, or by which thresholds.",
                    ifPresent: \.judged.ifGiven,
                    .judged
                ),
            ]
        )
    }
}

extension ConfigRule<ConfigFile.HeaderMatch> {
    static var headerMatch: ConfigRule {
        .object(
            "an object with `name` and perhaps `value`",
            from: ConfigFile.HeaderMatch(),
            [
                ConfigKey(
                    "name",
                    "The name, in any case.",
                    ifPresent: \.name,
                    .fieldName,
                    isRequired: true
                ),
                ConfigKey(
                    "value",
                    "The whole value; left out, any will do.",
                    ifPresent: \.value,
                    .fieldValue
                ),
            ]
        )
    }
}

extension ConfigRule<ConfigFile.Service> {
    fileprivate static var service: ConfigRule {
        .object(
            "an object, such as {\"health_check\": {\"path\": \"/health\"}}",
            from: ConfigFile.Service(),
            [
                ConfigKey(
                    "health_check",
                    "How its endpoints are probed; false for not at all.",
                    \.healthCheck.ifProbed,
                    .either(.healthCheck, or: .bool(false), meaning: "for no probes")
                ),
                ConfigKey(
                    "judged",
                    "Whether the judge looks at its requests, or by which thresholds.",
                    ifPresent: \.judged.ifGiven,
                    .judged
                ),
            ]
        )
    }
}

extension ConfigRule<[Named<[Located<Config.Endpoint>]>]> {
    fileprivate static var slot: ConfigRule {
        .map(
            .list(.located(.endpoint), 1...ConfigLimits.endpoints, of: "endpoints"),
            0...ConfigLimits.services,
            of: "services"
        )
    }
}

extension ConfigRule<Config.Endpoint> {
    /// The address alone, or an object with it.
    fileprivate static var endpoint: ConfigRule {
        let short = endpointAddress
        let long = ConfigRule<LongEndpoint>.object(
            "",
            from: LongEndpoint(),
            [
                ConfigKey(
                    "address",
                    "`host:port` or `unix:/path`.",
                    ifPresent: \.endpoint,
                    short,
                    isRequired: true
                ),
                ConfigKey(
                    "weight",
                    "Its share of the service's requests beside the others.",
                    \.weight,
                    .integer(1...1_000)
                ),
            ]
        )
        return ConfigRule(
            short.expected,
            schema: .anyOf([short.schema, long.schema]),
            readingParts: { json, place, check in
                guard case .object = json.kind else { return short.read(json, place, &check) }
                guard case .value(let read) = long.read(json, place, &check),
                    var endpoint = read.endpoint
                else { return .refused }
                endpoint.weight = read.weight
                return .value(endpoint)
            },
            write: { endpoint in
                guard endpoint.weight != 1 else { return short.write(endpoint) }
                return long.write(LongEndpoint(endpoint: endpoint, weight: endpoint.weight))
            }
        )
    }
}

private struct LongEndpoint {
    var endpoint: Config.Endpoint?
    var weight = 1
}

extension Config.HealthCheck {
    fileprivate var ifProbed: Config.HealthCheck? {
        get { probe == .none ? nil : self }
        set {
            if let newValue { self = newValue } else { probe = .none }
        }
    }
}
