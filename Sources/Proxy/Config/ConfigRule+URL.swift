/// The rules for what a rollout asks others for.
extension ConfigRule<HTTPURL> {
    static var url: ConfigRule {
        ConfigRule(
            "an http URL without a user, such as \"http://127.0.0.1:9000/hook\"",
            schema: .text(pattern: #"^http://[!"$-.0-;=A-Z\[\]_a-z~]+(/[!-~]*)?$"#),
            read: { json in json.string.flatMap { HTTPURL($0) } },
            write: { .string($0.text) }
        )
    }

    /// One that paths are appended to.
    static var baseURL: ConfigRule {
        ConfigRule(
            "an http URL without a query, such as \"http://127.0.0.1:9090\"",
            schema: .text(pattern: #"^http://[!"$-.0-;=A-Z\[\]_a-z~]+(/[!->@-~]*)?$"#),
            read: { json in
                guard let url = json.string.flatMap({ HTTPURL($0) }), !url.target.contains("?")
                else { return nil }
                return url
            },
            write: { .string($0.text) }
        )
    }
}

extension HTTPURL {
    /// Reads `http://HOST[:PORT][/PATH][?QUERY]`; nil for anything else.
    ///
    /// There is no TLS here: what lies beyond this machine is reached through a relay.
    package init?(_ text: String) {
        let scheme = "http://"
        guard text.hasPrefix(scheme), text.utf8.count <= ConfigLimits.pathBytes,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = String(rest.prefix { $0 != "/" && $0 != "?" })
        let target = String(rest.dropFirst(authority.count))
        guard let parsed = HostPort(authority) ?? HostPort(authority + ":80"), parsed.isEndpoint
        else { return nil }
        self.text = text
        host = parsed.host
        port = parsed.port
        self.target = target.hasPrefix("/") ? target : "/" + target
    }
}

extension ConfigRule<Bool> {
    /// True or false.
    static var claim: ConfigRule {
        ConfigRule(
            "true or false",
            schema: .object([("type", "boolean")]),
            read: { json in
                if case .bool(let claim) = json.kind { claim } else { nil }
            },
            write: { .bool($0) }
        )
    }
}

extension ConfigRule<Double> {
    static var number: ConfigRule {
        ConfigRule(
            "a number",
            schema: .object([("type", "number")]),
            read: { json in json.double.flatMap { $0.isFinite ? $0 : nil } },
            write: { .number($0) }
        )
    }
}

extension ConfigRule<String> {
    /// A query of Prometheus, which alone can tell whether it is one.
    static var promQL: ConfigRule {
        ConfigRule(
            "a PromQL query of at most \(ConfigLimits.pathBytes) bytes",
            schema: .object([
                ("type", "string"), ("minLength", .number(1)),
                ("maxLength", .number(ConfigLimits.pathBytes)),
            ]),
            read: { json in
                guard let text = json.string, !text.isEmpty,
                    text.utf8.count <= ConfigLimits.pathBytes
                else { return nil }
                return text
            },
            write: { .string($0) }
        )
    }
}
