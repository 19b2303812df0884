/// The keys of the judge, as in `ConfigFile+Keys.swift`.
extension ConfigRule<Config.Judge> {
    static var judge: ConfigRule {
        .object(
            "an object, such as {\"window\": \"60s\"}",
            from: Config.Judge(),
            [
                ConfigKey(
                    "window",
                    "How far back a verdict looks.",
                    \.window,
                    .duration(ConfigLimits.judgeWindow)
                ),
                ConfigKey(
                    "min_requests",
                    "Requests without which no check passes.",
                    \.minRequests,
                    .integer(1...1_000_000)
                ),
                ConfigKey(
                    "availability_percent",
                    "Health checks that have to pass.",
                    \.thresholds.availabilityPercent,
                    .number(0...100)
                ),
                ConfigKey(
                    "error_percent",
                    "Failed attempts of a hundred that are too many.",
                    \.thresholds.errorPercent,
                    .number(0.01...100)
                ),
                ConfigKey(
                    "error_ratio",
                    "As many times the other slot's failures are too many.",
                    \.thresholds.errorRatio,
                    .ratio
                ),
                ConfigKey(
                    "error_floor_percent",
                    "So many percentage points above the other slot never are.",
                    \.thresholds.errorFloorPercent,
                    .number(0...100)
                ),
                ConfigKey(
                    "p95",
                    "A longer p95 of the time to a response's head is too long.",
                    \.thresholds.p95,
                    .either(.duration, or: .null, meaning: "for any")
                ),
                ConfigKey(
                    "p95_ratio",
                    "As many times the other slot's p95 is too long.",
                    \.thresholds.p95Ratio,
                    .ratio
                ),
                ConfigKey(
                    "p95_floor",
                    "So much above the other slot's p95 never is.",
                    \.thresholds.p95Floor,
                    .duration
                ),
            ]
        )
    }
}

extension ConfigRule<Double?> {
    /// How many times the other slot's figure.
    fileprivate static var ratio: ConfigRule {
        .either(.number(1...1_000), or: .null, meaning: "for no comparison")
    }
}

/// Thresholds that differ from those of the service or the judge; nil where they do not.
struct ThresholdChanges {
    var availabilityPercent: Double?
    var errorPercent: Double?
    var errorRatio: Double??
    var errorFloorPercent: Double?
    var p95: Duration??
    var p95Ratio: Double??
    var p95Floor: Duration?

    init() {}

    init(describing thresholds: Config.JudgeThresholds) {
        availabilityPercent = thresholds.availabilityPercent
        errorPercent = thresholds.errorPercent
        errorRatio = .some(thresholds.errorRatio)
        errorFloorPercent = thresholds.errorFloorPercent
        p95 = .some(thresholds.p95)
        p95Ratio = .some(thresholds.p95Ratio)
        p95Floor = thresholds.p95Floor
    }

    func applied(to base: Config.JudgeThresholds) -> Config.JudgeThresholds {
        var thresholds = base
        thresholds.availabilityPercent = availabilityPercent ?? base.availabilityPercent
        thresholds.errorPercent = errorPercent ?? base.errorPercent
        thresholds.errorRatio = errorRatio ?? base.errorRatio
        thresholds.errorFloorPercent = errorFloorPercent ?? base.errorFloorPercent
        thresholds.p95 = p95 ?? base.p95
        thresholds.p95Ratio = p95Ratio ?? base.p95Ratio
        thresholds.p95Floor = p95Floor ?? base.p95Floor
        return thresholds
    }
}

extension ConfigFile.Judged {
    init(describing judged: Config.Judged) {
        switch judged {
        case .byDefault: self = .byDefault
        case .never: self = .never
        case .always: self = .always
        case .by(let thresholds): self = .by(ThresholdChanges(describing: thresholds))
        }
    }

    func applied(to base: Config.JudgeThresholds) -> Config.Judged {
        switch self {
        case .byDefault: .byDefault
        case .never: .never
        case .always: .always
        case .by(let changes): .by(changes.applied(to: base))
        }
    }

    /// nil where the key is left out.
    var ifGiven: ConfigFile.Judged? {
        get {
            if case .byDefault = self { nil } else { self }
        }
        set { self = newValue ?? .byDefault }
    }
}

extension ConfigRule<ConfigFile.Judged> {
    /// Whether, or by which thresholds.
    static var judged: ConfigRule {
        let changes = ConfigRule<ThresholdChanges>.thresholdChanges
        return ConfigRule(
            "true, false, or an object with thresholds, such as {\"p95\": \"5s\"}",
            schema: .anyOf([.object([("type", "boolean")]), changes.schema]),
            readingParts: { json, place, check in
                switch json.kind {
                case .bool(true): .value(.always)
                case .bool(false): .value(.never)
                case .object: changes.read(json, place, &check).map { .by($0) }
                default: .mismatch
                }
            },
            write: { judged in
                switch judged {
                case .byDefault, .always: .bool(true)
                case .never: .bool(false)
                case .by(let thresholds): changes.write(thresholds)
                }
            }
        )
    }
}

extension ConfigRule<ThresholdChanges> {
    fileprivate static var thresholdChanges: ConfigRule {
        let same = "Instead of the judge's."
        return .object(
            "",
            from: ThresholdChanges(),
            [
                ConfigKey(
                    "availability_percent",
                    same,
                    ifPresent: \.availabilityPercent,
                    .number(0...100)
                ),
                ConfigKey("error_percent", same, ifPresent: \.errorPercent, .number(0.01...100)),
                ConfigKey("error_ratio", same, ifPresent: \.errorRatio, .ratio),
                ConfigKey(
                    "error_floor_percent",
                    same,
                    ifPresent: \.errorFloorPercent,
                    .number(0...100)
                ),
                ConfigKey(
                    "p95",
                    same,
                    ifPresent: \.p95,
                    .either(.duration, or: .null, meaning: "for any")
                ),
                ConfigKey("p95_ratio", same, ifPresent: \.p95Ratio, .ratio),
                ConfigKey("p95_floor", same, ifPresent: \.p95Floor, .duration),
            ]
        )
    }
}

// MARK: Comparing values

extension ConfigFile {
    /// Routes of one name are judged as one, so they are judged alike, and names are bounded.
    func checkJudgedRoutes(_ check: inout ConfigCheck) {
        let names = (services ?? []).map(\.name)
        var seen: [Config.JudgedRouteName: JSON] = [:]
        for route in (listeners ?? []).flatMap({ $0.value.routes ?? [] }) {
            guard let checked = route.value.checked(names) else { continue }
            let judged = route.value.judged.ifGiven.map(ConfigRule<Judged>.judged.write) ?? .null
            let name = checked.judgedName
            if let other = seen[name], other != judged {
                check.refuse(
                    check.place("\(route.place.path).judged", in: route.place.path),
                    found: "another value than the route \(JSON.quoted(name.name)) has before",
                    "write the same, or give the route another `name`"
                )
            }
            seen[name] = judged
        }
        guard seen.count > ConfigLimits.judgedRoutes else { return }
        check.refuse(
            check.place("$.listeners"),
            found: "\(seen.count) routes that the judge tells apart",
            "write at most \(ConfigLimits.judgedRoutes): give routes the same `name`"
        )
    }
}
