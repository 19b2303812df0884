/// The keys below `services` and of the optional sections, as in `ConfigFile+Keys.swift`.
extension ConfigRule<Config.HealthCheck> {
    static var healthCheck: ConfigRule {
        .object(
            "an object, such as {\"path\": \"/health\"}",
            from: Config.HealthCheck(),
            [
                ConfigKey(
                    "path",
                    "GET this path: 200 to 399 passes; left out, a TCP connect is the probe.",
                    ifPresent: \.path,
                    .path
                ),
                ConfigKey("interval", "Time between probes.", \.interval, .duration),
                ConfigKey("timeout", "A probe that takes longer fails.", \.timeout, .duration),
                ConfigKey(
                    "rise",
                    "Passed probes in a row that make it healthy.",
                    \.rise,
                    .integer(1...100)
                ),
                ConfigKey(
                    "fall",
                    "Failed probes in a row that make it unhealthy.",
                    \.fall,
                    .integer(1...100)
                ),
                ConfigKey(
                    "host",
                    "The probe's Host field; left out, the endpoint's address.",
                    ifPresent: \.host,
                    .authority
                ),
            ]
        )
    }
}

extension Config.HealthCheck {
    fileprivate var path: String? {
        get {
            if case .get(let path) = probe { path } else { nil }
        }
        set { probe = newValue.map { .get(path: $0) } ?? .connect }
    }
}

extension ConfigRule<Config.Admin> {
    static var admin: ConfigRule {
        .object(
            "an object, such as {\"address\": \"127.0.0.1:8081\"}",
            from: Config.Admin(),
            [
                ConfigKey(
                    "address",
                    "IP address and port; one that is not a loopback needs `token_file`.",
                    \.listenAddress,
                    .listenAddress
                ),
                ConfigKey(
                    "token_file",
                    "File with the token that may do everything.",
                    ifPresent: \.tokenFile,
                    .file("a file with a token")
                ),
                ConfigKey(
                    "read_token_file",
                    "File with the token that may only look.",
                    ifPresent: \.readTokenFile,
                    .file("a file with a token")
                ),
                ConfigKey(
                    "without_token",
                    "Paths that may be looked at without a token.",
                    ifPresent: \.withoutToken,
                    .list(
                        .word(Config.Admin.OpenPath.self),
                        0...Config.Admin.OpenPath.allCases.count,
                        of: "paths"
                    )
                ),
            ]
        )
    }
}

extension Config.Admin {
    fileprivate var listenAddress: ListenAddress {
        get { ListenAddress(text: address, bind: bind) }
        set { (address, bind) = (newValue.text, newValue.bind) }
    }
}

extension ConfigRule<Config.Canary> {
    static var canary: ConfigRule {
        .object(
            "an object, such as {\"percent\": 5}",
            from: Config.Canary(),
            [
                ConfigKey(
                    "percent",
                    "The canary's share at the very first start; null starts without a canary.",
                    \.weight,
                    .either(.weight, or: .null, meaning: "for no canary")
                ),
                ConfigKey(
                    "sticky",
                    "What keeps a client on its slot; null for chance, request by request.",
                    \.sticky,
                    .sticky
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Canary.Sticky> {
    fileprivate static var sticky: ConfigRule {
        let named = ConfigRule<NamedKey>.object(
            "",
            from: NamedKey(),
            [
                ConfigKey("cookie", "Name of a cookie.", ifPresent: \.cookie, .cookieName),
                ConfigKey("header", "Name of a header.", ifPresent: \.header, .fieldName),
            ]
        )
        return ConfigRule(
            "\"client_address\", {\"cookie\": \"NAME\"}, {\"header\": \"NAME\"} or null",
            schema: .anyOf([
                .object([("const", "client_address")]), named.schema, .object([("const", .null)]),
            ]),
            readingParts: { json, place, check in
                switch json.kind {
                case .null: return .value(.none)
                case .string("client_address"): return .value(.clientAddress)
                case .object(let members) where !members.isEmpty:
                    guard case .value(let key) = named.read(json, place, &check) else {
                        return .refused
                    }
                    switch (key.cookie, key.header) {
                    case (let cookie?, nil): return .value(.cookie(cookie))
                    case (nil, let header?): return .value(.header(header))
                    case (_?, _?): return .mismatch
                    case (nil, nil): return .refused
                    }
                default: return .mismatch
                }
            },
            write: { sticky in
                switch sticky {
                case .clientAddress: "client_address"
                case .cookie(let name): named.write(NamedKey(cookie: name))
                case .header(let name): named.write(NamedKey(header: name))
                case .none: .null
                }
            }
        )
    }

    private struct NamedKey {
        var cookie: String?
        var header: String?
    }
}

extension ConfigRule<Config.Preview> {
    static var preview: ConfigRule {
        .object(
            "an object, such as {\"header\": \"X-Slot\"}",
            from: Config.Preview(),
            [
                ConfigKey(
                    "header",
                    "The header whose value is the slot.",
                    \.header,
                    .ownFieldName
                ),
                ConfigKey(
                    "token_header",
                    "The header that carries the token.",
                    \.tokenHeader,
                    .ownFieldName
                ),
                ConfigKey(
                    "token_file",
                    "File with the token that a preview needs; left out, none is needed.",
                    ifPresent: \.tokenFile,
                    .file("a file with a token")
                ),
            ]
        )
    }
}
