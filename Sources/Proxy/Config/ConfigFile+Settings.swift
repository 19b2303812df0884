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
