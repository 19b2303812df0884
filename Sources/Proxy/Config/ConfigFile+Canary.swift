/// The keys of the section that says how traffic is split, as in `ConfigFile+Keys.swift`.
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
                ConfigKey(
                    "session",
                    "The cookie that keeps a user on a slot while a canary is on; false sets none.",
                    \.session,
                    .switchable(.session, on: Config.Session())
                ),
                ConfigKey(
                    "rules",
                    "Put chosen users on a slot while a canary is on; the first that fits counts.",
                    \.rules,
                    .list(.slotRule, 0...ConfigLimits.slotRules, of: "rules")
                ),
                ConfigKey(
                    "safety_net",
                    "Whether the active slot answers what the canary failed to.",
                    \.safetyNet,
                    .switchable(.safetyNet, on: Config.SafetyNet())
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

extension ConfigRule<Config.Session> {
    fileprivate static var session: ConfigRule {
        .object(
            "an object, such as {\"cookie\": \"switchyard_slot\"}",
            from: Config.Session(),
            [
                ConfigKey("cookie", "Its name.", \.cookie, .cookieName),
                ConfigKey(
                    "max_age",
                    "How long a browser keeps it; null for as long as the browser runs.",
                    \.maxAge,
                    .either(.duration, or: .null, meaning: "for as long as the browser runs")
                ),
                ConfigKey(
                    "when_lowered",
                    "Whether sessions of the canary beyond its weight move or are kept.",
                    \.whenLowered,
                    .word(Config.Session.Lowered.self)
                ),
                ConfigKey("secure", "Whether it says `Secure`.", \.secure, .secure),
                ConfigKey(
                    "key_file",
                    "File with the secret that signs it, the same for several instances.",
                    ifPresent: \.keyFile,
                    .file("a file with a secret")
                ),
            ]
        )
    }
}

extension ConfigRule<Config.Session.Secure> {
    fileprivate static var secure: ConfigRule {
        let values: [(json: JSON, value: Config.Session.Secure)] = [
            ("auto", .automatic), (.bool(true), .always), (.bool(false), .never),
        ]
        return ConfigRule(
            "\"auto\", true or false",
            schema: .object([("enum", .array(values.map(\.json)))]),
            read: { json in values.first { $0.json.kind == json.kind }?.value },
            write: { value in values.first { $0.value == value }?.json ?? .null }
        )
    }
}

extension ConfigRule<Config.SlotRule> {
    fileprivate static var slotRule: ConfigRule {
        let rule = ConfigRule<Config.SlotRule>.object(
            "an object with `slot` and what to match",
            from: Config.SlotRule(),
            [
                ConfigKey(
                    "header",
                    "A header it must have.",
                    ifPresent: \.header.asWritten,
                    .headerMatch
                ),
                ConfigKey(
                    "cookie",
                    "A cookie it must have.",
                    ifPresent: \.cookie.asWritten,
                    .cookieMatch
                ),
                ConfigKey(
                    "client_addresses",
                    "Where it may come from.",
                    ifPresent: \.clients.ifAny,
                    .list(.addressRange, 1...ConfigLimits.ruleClients, of: "address ranges")
                ),
                ConfigKey(
                    "slot",
                    "A slot's name, `canary` or `active`.",
                    ifPresent: \.slot.asWritten,
                    .slotReference,
                    isRequired: true
                ),
            ]
        )
        return ConfigRule(
            rule.expected,
            schema: rule.schema,
            readingParts: { json, place, check in
                let reading = rule.read(json, place, &check)
                if case .object(let members) = json.kind,
                    !members.contains(where: { conditions.contains($0.name) })
                {
                    check.refuse(
                        place,
                        found: "a rule for every request",
                        "write \(conditions.map { "`\($0)`" }.joined(separator: ", or ")) into it"
                    )
                }
                return reading
            },
            write: rule.write
        )
    }

    private static var conditions: [String] { ["header", "cookie", "client_addresses"] }
}

extension ConfigRule<ConfigFile.CookieMatch> {
    fileprivate static var cookieMatch: ConfigRule {
        .object(
            "an object with `name` and perhaps `value`",
            from: ConfigFile.CookieMatch(),
            [
                ConfigKey("name", "The name.", ifPresent: \.name, .cookieName, isRequired: true),
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

extension ConfigRule<String> {
    /// The name of a slot, which is looked up when all of the file is read.
    fileprivate static var slotReference: ConfigRule {
        ConfigRule(
            name.expected,
            schema: name.schema,
            readingParts: { json, place, check in
                let reading = name.read(json, place, &check)
                if case .value(let name) = reading { check.slotReferences.append((name, place)) }
                return reading
            },
            write: name.write
        )
    }
}

extension ConfigRule<Config.SafetyNet> {
    fileprivate static var safetyNet: ConfigRule {
        .object(
            "an object, such as {\"on_500\": true}",
            from: Config.SafetyNet(),
            [
                ConfigKey(
                    "budget_percent",
                    "Answers of the active slot for a hundred requests, at most.",
                    \.budgetPercent,
                    .integer(1...100)
                ),
                ConfigKey(
                    "on_500",
                    "Whether a 500 of the canary is a failure too, beside 502, 503 and 504.",
                    \.takes500,
                    .flag
                ),
            ]
        )
    }
}

// MARK: What stands otherwise in the file

extension Config.Route.HeaderMatch? {
    fileprivate var asWritten: ConfigFile.HeaderMatch? {
        get { map { ConfigFile.HeaderMatch(name: $0.name, value: $0.value) } }
        set {
            self = newValue.flatMap { match in
                match.name.map { Config.Route.HeaderMatch(name: $0, value: match.value) }
            }
        }
    }
}

extension Config.SlotRule.CookieMatch? {
    fileprivate var asWritten: ConfigFile.CookieMatch? {
        get { map { ConfigFile.CookieMatch(name: $0.name, value: $0.value) } }
        set {
            self = newValue.flatMap { match in
                match.name.map { Config.SlotRule.CookieMatch(name: $0, value: match.value) }
            }
        }
    }
}

extension [AddressRange] {
    fileprivate var ifAny: [AddressRange]? {
        get { isEmpty ? nil : self }
        set { self = newValue ?? [] }
    }
}

extension String {
    fileprivate var asWritten: String? {
        get { self }
        set { self = newValue ?? "" }
    }
}
