/// The checks that compare values, and what they make of the file: a `Config`.
extension ConfigFile {
    /// The configuration; nil after an issue was reported.
    func checked(_ check: inout ConfigCheck, reading files: FileReader) -> Config? {
        let services = (services ?? []).sorted { $0.name < $1.name }
        let slots = (slots ?? []).sorted { $0.name < $1.name }
        let serviceNames = services.map(\.name)

        checkEndpoints(of: services, &check)
        checkActiveSlot(slots.map(\.name), &check)
        checkRoutes(serviceNames, &check)
        checkJudgedRoutes(&check)
        checkAddresses(&check)
        checkLimits(&check)
        checkPreview(&check)
        checkSlotReferences(slots.map(\.name), &check)
        let token = checkTokens(&check, reading: files)
        settings.rollout.check(at: "$.rollout", services: serviceNames, &check, reading: files)
        let secret = checkSessionKey(&check, reading: files)

        guard !check.hasIssues, let activeSlot, let listeners else { return nil }
        var config = settings
        config.services = services.map { service in
            var checked = Config.Service(name: service.name)
            checked.healthCheck = service.value?.healthCheck ?? .init()
            checked.judged =
                service.value?.judged.applied(to: config.judge.thresholds) ?? .byDefault
            return checked
        }
        let thresholds = config.services.indices.map(config.thresholds)
        config.listeners = listeners.compactMap { $0.value.checked(serviceNames, thresholds) }
        config.slots = slots.map { slot in
            Config.Slot(
                name: slot.name,
                endpoints: serviceNames.map { name in
                    let list = slot.value?.first { $0.name == name }
                    return (list?.value ?? []).map(\.value)
                }
            )
        }
        guard let active = config.slot(named: activeSlot) else { return nil }
        config.activeSlot = active
        config.preview?.token = token
        config.canary.session?.key = secret.map { SessionKey(secret: $0) }
        return config
    }

    /// Every slot runs every service, and nothing else.
    private func checkEndpoints(of services: [Named<Service>], _ check: inout ConfigCheck) {
        guard self.services != nil else { return }
        let names = services.map(\.name)
        for slot in slots ?? [] {
            guard let lists = slot.value else { continue }
            for list in lists {
                check.resolve(list.name, as: "service", of: names, at: list.place)
                checkRepeats(in: list, &check)
            }
            for name in names where !lists.contains(where: { $0.name == name }) {
                check.refuse(
                    slot.place.member(name, at: check.place(slot.place.path).offset),
                    found: "nothing",
                    "write a list of endpoints, every slot runs every service"
                )
            }
        }
    }

    private func checkRepeats(
        in list: Named<[Located<Config.Endpoint>]>,
        _ check: inout ConfigCheck
    ) {
        var seen: Set<Config.Endpoint.Target> = []
        for endpoint in list.value ?? [] where !seen.insert(endpoint.value.target).inserted {
            check.refuse(
                endpoint.place,
                found: JSON.quoted(endpoint.value.authority) + " a second time",
                "write each endpoint once, with a `weight` if it should take more"
            )
        }
    }

    private func checkActiveSlot(_ names: [String], _ check: inout ConfigCheck) {
        guard let activeSlot, slots != nil else { return }
        check.resolve(activeSlot, as: "slot", of: names, at: check.place("$.active_slot"))
    }

    /// A slot may stand for what it is at the time too, unless one is called so.
    private func checkSlotReferences(_ names: [String], _ check: inout ConfigCheck) {
        guard slots != nil else { return }
        for reference in check.slotReferences {
            let known = names + Config.slotRoles
            check.resolve(reference.name, as: "slot", of: known, at: reference.place)
        }
    }

    private func checkRoutes(_ services: [String], _ check: inout ConfigCheck) {
        for route in (listeners ?? []).flatMap({ $0.value.routes ?? [] }) {
            if route.value.path != nil, route.value.pathPrefix != nil {
                check.refuse(
                    check.place("\(route.place.path).path_prefix"),
                    found: "both `path` and `path_prefix`",
                    "write one of them, or two routes"
                )
            }
            if let service = route.value.service, self.services != nil {
                let place = check.place("\(route.place.path).service")
                check.resolve(service, as: "service", of: services, at: place)
            }
        }
    }

    private func checkAddresses(_ check: inout ConfigCheck) {
        var taken: [(path: String, address: SocketAddress)] = []
        for listener in listeners ?? [] {
            guard let address = listener.value.address else { continue }
            let path = "\(listener.place.path).address"
            check.refuseTaken(address, at: path, by: taken)
            taken.append((path, address.bind))
        }
        let admin = settings.admin
        guard check.isClean("$.admin.address") else { return }
        let path = "$.admin.address"
        check.refuseTaken(ListenAddress(text: admin.address, bind: admin.bind), at: path, by: taken)
        guard !admin.bind.isLoopback, admin.tokenFile == nil, check.isClean("$.admin.token_file")
        else { return }
        check.refuse(
            check.place(path),
            found: "\(JSON.quoted(admin.address)) without a `token_file`",
            "write a loopback address such as \"127.0.0.1:8081\", or add `token_file`"
        )
    }

    private func checkLimits(_ check: inout ConfigCheck) {
        let limits = settings.limits
        guard check.isClean("$.limits.head_bytes"), check.isClean("$.limits.target_bytes"),
            limits.targetBytes > limits.headBytes
        else { return }
        check.refuse(
            check.place("$.limits.target_bytes", in: "$.limits"),
            found: ByteSize.text(limits.targetBytes),
            "write at most `head_bytes`, which is \(ByteSize.text(limits.headBytes))"
        )
    }

    private func checkPreview(_ check: inout ConfigCheck) {
        guard let preview = settings.preview,
            preview.header.lowercased() == preview.tokenHeader.lowercased()
        else { return }
        check.refuse(
            check.place("$.preview.token_header", in: "$.preview"),
            found: "\(JSON.quoted(preview.tokenHeader)), which is the `header` too",
            "write another name"
        )
    }
}

extension ConfigFile.Listener {
    fileprivate func checked(
        _ services: [String],
        _ thresholds: [Config.JudgeThresholds]
    ) -> Config.Listener? {
        guard let address, let routes else { return nil }
        return Config.Listener(
            address: address.text,
            bind: address.bind,
            routes: routes.compactMap { route in
                route.value.checked(services).map { checked in
                    var checked = checked
                    checked.judged = route.value.judged.applied(to: thresholds[checked.service])
                    return checked
                }
            }
        )
    }
}

extension ConfigFile.Route {
    /// The route but for what needs its service's thresholds.
    func checked(_ services: [String]) -> Config.Route? {
        guard let service, let index = services.firstIndex(of: service) else { return nil }
        var route = Config.Route(
            path: path.map { .exact($0) } ?? pathPrefix.map { .prefix($0) } ?? .any,
            host: host,
            header: header.flatMap { match in
                match.name.map { Config.Route.HeaderMatch(name: $0, value: match.value) }
            },
            methods: methods ?? [],
            service: index
        )
        route.rescuesAssets = rescuesAssets
        route.name = name
        return route
    }
}

extension ConfigCheck {
    /// Refuses a name that is not among those it may be.
    fileprivate mutating func resolve(
        _ name: String,
        as noun: String,
        of names: [String],
        at place: ConfigPlace
    ) {
        guard !names.contains(name) else { return }
        refuse(
            place,
            found: "the unknown \(noun) \(JSON.quoted(name))",
            Spelling.hint(for: name, of: names)
        )
    }

    fileprivate mutating func refuseTaken(
        _ address: ListenAddress,
        at path: String,
        by taken: [(path: String, address: SocketAddress)]
    ) {
        guard let other = taken.first(where: { $0.address.overlaps(address.bind) }) else { return }
        refuse(
            place(path),
            found: "\(JSON.quoted(address.text)), which \(other.path) takes already",
            "write another port"
        )
    }
}
