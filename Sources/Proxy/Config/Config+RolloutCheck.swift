/// What a plan's values have to be for one another.
extension Config.Rollout {
    /// Reports what does not fit together; `path` is where the plan stands.
    func check(
        at path: String,
        services: [String],
        _ check: inout ConfigCheck,
        reading files: FileReader
    ) {
        checkSteps(at: path, &check)
        checkFloor(at: path, &check)
        checkProbe(at: path, services, &check)
        checkQueries(at: path, &check)
        checkHooks(gates, at: "\(path).gates", &check, files)
        checkHooks(notices, at: "\(path).notices", &check, files)
    }

    private func checkSteps(at path: String, _ check: inout ConfigCheck) {
        guard check.isClean("\(path).steps") else { return }
        var before = Weight.none
        for (index, step) in steps.enumerated() {
            let place = check.place("\(path).steps[\(index)].percent", in: "\(path).steps")
            if step.weight == .none || step.weight == .all {
                check.refuse(
                    place,
                    found: JSON.number(step.weight.percent).summary,
                    "write 0.01 to 99.99: after the last step all traffic moves anyway"
                )
            } else if step.weight <= before {
                check.refuse(
                    place,
                    found: "\(JSON.number(step.weight.percent).summary), no more than before",
                    "write more than \(JSON.number(before.percent).summary): steps rise"
                )
            }
            before = step.weight
        }
    }

    private func checkFloor(at path: String, _ check: inout ConfigCheck) {
        if floor == .none || floor == .all {
            check.refuse(
                check.place("\(path).floor_percent", in: path),
                found: JSON.number(floor.percent).summary,
                "write 0.01 to 99.99: without traffic no window could pass"
            )
        }
        if bake?.holdBack == .all {
            check.refuse(
                check.place("\(path).bake.hold_back_percent", in: path),
                found: "100",
                "write less: the new slot has to take some traffic"
            )
        }
    }

    private func checkProbe(at path: String, _ services: [String], _ check: inout ConfigCheck) {
        for (index, target) in probe.targets.enumerated() {
            let place = "\(path).probe.targets[\(index)]"
            guard check.isClean(place), !services.contains(target.service) else { continue }
            check.refuse(
                check.place("\(place).service", in: place),
                found: "the unknown service \(JSON.quoted(target.service))",
                Spelling.hint(for: target.service, of: services)
            )
        }
    }

    private func checkQueries(at path: String, _ check: inout ConfigCheck) {
        guard check.isClean("\(path).queries") else { return }
        for query in queries {
            let place = check.place("\(path).queries.\(query.name)", in: "\(path).queries")
            if query.min == nil, query.max == nil {
                check.refuse(place, found: "neither `min` nor `max`", "write one of them, or both")
            }
            if let min = query.min, let max = query.max, min > max {
                check.refuse(place, found: "a `min` above the `max`", "write them the other way")
            }
        }
        if !queries.isEmpty, prometheus == nil, check.isClean("\(path).prometheus") {
            check.refuse(
                check.place("\(path).queries", in: path),
                found: "queries without a `prometheus`",
                "write the URL of the server, such as \"http://127.0.0.1:9090\""
            )
        }
    }

    private func checkHooks(
        _ hooks: [Webhook],
        at path: String,
        _ check: inout ConfigCheck,
        _ files: FileReader
    ) {
        guard check.isClean(path) else { return }
        for (index, hook) in hooks.enumerated() {
            let place = "\(path)[\(index)]"
            let secret = check.place("\(place).secret_file", in: place)
            _ = ConfigFile.token(hook.secretFile, at: secret, &check, files)
        }
    }
}

// MARK: Plans by themselves

extension Config.Rollout {
    /// The plan that `json`, a part of `text`, makes of `base`; `path` is where it stands.
    ///
    /// What is left out stays as in `base`. Throws every mistake at once.
    package static func parse(
        _ json: JSON,
        in text: [UInt8],
        at path: String,
        over base: Config.Rollout,
        services: [String]
    ) throws(ConfigFailure) -> Config.Rollout {
        var check = ConfigCheck(text: text)
        let place = ConfigPlace(path: path, offset: json.offset)
        let rule = ConfigRule<Config.Rollout>.rollout(from: base)
        if let plan = rule.value(json, at: place, &check) {
            plan.check(at: path, services: services, &check, reading: Config.readFile)
            if !check.hasIssues { return plan }
        }
        throw ConfigFailure(issues: check.issues)
    }

    /// Reads what `json` wrote; its files are not looked at, for they may have gone since.
    package init?(saved json: JSON) {
        var check = ConfigCheck(text: [])
        guard let plan = ConfigRule<Config.Rollout>.rollout().value(json, at: .root, &check),
            !check.hasIssues
        else { return nil }
        self = plan
    }

    /// The plan as one would write it, with all defaults filled in.
    package var json: JSON { ConfigRule<Config.Rollout>.rollout().write(self) }
}
