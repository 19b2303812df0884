import CLinux
import Glibc
import Proxy

/// Which requests the admin port answers: one function per endpoint.
struct AdminRoutes: Sendable {
    let control: ControlPlane
    let guardian: OriginGuard
    /// The admin address as written and as bound.
    let address: (written: String, bound: String)

    /// What an endpoint needs to answer.
    struct Call {
        let request: AdminRequest
        /// The last segment of the path, where the route leaves it open.
        let name: String
        /// Who asks, for the history.
        let actor: String
    }

    /// An endpoint: its method, path and role.
    private struct Route: Sendable {
        let method: String
        /// Ends in `/` where the next segment is open.
        let path: String
        /// What follows the open segment.
        let ending: String
        let role: AdminRole
        let answer: @Sendable (AdminRoutes, Call) throws(AdminRefusal) -> AdminResponse

        init(
            _ method: String,
            _ path: String,
            ending: String = "",
            _ answer:
                @escaping @Sendable (AdminRoutes) ->
                (Call) throws(AdminRefusal) -> AdminResponse
        ) {
            self.method = method
            self.path = path
            self.ending = ending
            role = method == "GET" ? .read : .switch
            self.answer = { (routes, call) throws(AdminRefusal) in try answer(routes)(call) }
        }

        /// The open segment of `path`, empty for a route without one; nil when it does not fit.
        func name(in path: String) -> String? {
            guard self.path.hasSuffix("/") else { return path == self.path ? "" : nil }
            guard path.hasPrefix(self.path), path.hasSuffix(ending) else { return nil }
            let name = path.dropFirst(self.path.count).dropLast(ending.count)
            return name.isEmpty || name.contains("/") ? nil : String(name)
        }
    }

    private static let routes: [Route] = [
        Route("GET", "/active-slot") { $0.activeSlot },
        Route("GET", "/inactive-slot") { $0.inactiveSlot },
        Route("GET", "/status") { $0.status },
        Route("POST", "/switch") { $0.switchByBody },
        Route("POST", "/switch/") { $0.switchByPath },
        Route("POST", "/rollback") { $0.rollback },
        Route("PUT", "/canary") { $0.setCanary },
        Route("DELETE", "/canary") { $0.clearCanary },
        Route("GET", "/drain") { $0.drain },
        Route("POST", "/drain/wait") { $0.waitForDrain },
        Route("GET", "/history") { $0.history },
        Route("GET", "/verdict") { $0.verdict },
        Route("GET", "/metrics") { $0.metrics },
        Route("GET", "/metrics/slots/") { $0.slotMetrics },
        Route("GET", "/events") { $0.events },
        Route("GET", "/rollout") { $0.showRollout },
        Route("POST", "/rollout") { $0.startRollout },
        Route("POST", "/rollout/pause") { $0.pauseRollout },
        Route("POST", "/rollout/resume") { $0.resumeRollout },
        Route("POST", "/rollout/promote") { $0.promoteRollout },
        Route("POST", "/rollout/abort") { $0.abortRollout },
        Route("POST", "/slots/", ending: "/lease") { $0.lease },
        Route("DELETE", "/slots/", ending: "/lease") { $0.endLease },
        Route("POST", "/reload") { $0.reload },
        Route("POST", "/upgrade") { $0.upgrade },
        Route("GET", "/config") { $0.config },
        Route("GET", "/healthz") { $0.liveness },
        Route("GET", "/readyz") { $0.readiness },
    ]

    /// Answers any request; nothing is changed unless the answer says so.
    func answer(_ request: AdminRequest) -> AdminResponse {
        do { return try dispatch(request) } catch { return .refusal(error) }
    }

    private func dispatch(_ request: AdminRequest) throws(AdminRefusal) -> AdminResponse {
        if let refusal = guardian.refusal(request) { throw refusal }
        let role = try authenticate(request)
        let candidates = Self.routes.compactMap { route in
            route.name(in: request.path).map { (route: route, name: $0) }
        }
        guard !candidates.isEmpty else {
            let paths = Self.routes.map {
                $0.path.hasSuffix("/") ? $0.path + "SLOT" + $0.ending : $0.path
            }
            let list = paths.enumerated().filter { paths.firstIndex(of: $1) == $0 }.map(\.element)
            throw AdminRefusal(
                404,
                "there is no such path; there are \(list.joined(separator: ", "))"
            )
        }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let (route, name) = candidates.first(where: { $0.route.method == method }) else {
            let allowed = candidates.map {
                $0.route.method == "GET" ? "GET, HEAD" : $0.route.method
            }
            .joined(separator: ", ")
            var refusal = AdminRefusal(405, "this path takes \(allowed), not \(request.method)")
            refusal.fields = [("Allow", allowed)]
            throw refusal
        }
        guard role >= route.role else {
            throw AdminRefusal(403, "this token may only read; send the token of the role switch")
        }
        let usesToken = control.tokens.areNeeded
        let actor = usesToken ? "\(role) token from \(request.peer)" : request.peer
        return try route.answer(self, Call(request: request, name: name, actor: actor))
    }

    private func authenticate(_ request: AdminRequest) throws(AdminRefusal) -> AdminRole {
        if let role = control.tokens.role(authorization: request.field("authorization")) {
            return role
        }
        if control.tokens.opens(request.path) { return .read }
        var refusal = AdminRefusal(
            401,
            "send the token of this admin port: Authorization: Bearer …"
        )
        refusal.fields = [("WWW-Authenticate", "Bearer realm=\"switchyard\"")]
        throw refusal
    }
}

// MARK: Reading

extension AdminRoutes {
    private func activeSlot(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        try slot(call, control.routing.active)
    }

    private func inactiveSlot(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        try slot(call, control.routing.active.other)
    }

    private func slot(_ call: Call, _ slot: SlotID) throws(AdminRefusal) -> AdminResponse {
        switch call.request.parameter("format") {
        case nil, "text": return .text(control.name(of: slot))
        case "json": return .json(control.report().slotJSON(slot))
        default: throw AdminRefusal(400, "\"format\" has to be text or json")
        }
    }

    private func status(_ call: Call) -> AdminResponse {
        let report = control.report()
        return .json(report.json(admin: address)).with("ETag", "\"\(report.routing.generation)\"")
    }

    private func history(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        var entries = control.history
        if let text = call.request.parameter("limit") {
            guard let limit = Int(text), limit > 0 else {
                throw AdminRefusal(400, "\"limit\" has to be a number from 1 up")
            }
            entries = entries.suffix(limit)
        }
        return .json(["history": .array(entries.map(\.json))])
    }

    /// The verdict on the slot that is asked for, else on the one that is not active.
    private func verdict(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        var slot = control.routing.active.other
        if let name = call.request.parameter("slot") { slot = try self.slot(named: name) }
        return .json(control.wholeVerdict(of: slot).json)
    }

    private func metrics(_ call: Call) -> AdminResponse {
        let format = ExpositionFormat(accept: call.request.field("accept"))
        return page(PrometheusText(control.metricFacts(), format: format).page(), format)
    }

    private func slotMetrics(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let slot = try self.slot(named: call.name)
        let service = call.request.parameter("service")
        let services = control.server.config.services.map(\.name)
        if let service, !services.contains(service) {
            throw AdminRefusal(
                404,
                "there is no service \"\(service)\"; there are \(services.joined(separator: ", "))"
            )
        }
        let faults = control.faults(of: slot).filter { service == nil || $0.service == service }
        guard faults.isEmpty else {
            throw AdminRefusal(503, ServiceFault.sentence(slot: call.name, faults))
        }
        let format = ExpositionFormat(accept: call.request.field("accept"))
        let text = PrometheusText(control.metricFacts(), format: format)
        return page(text.page(slot: call.name, service: service), format)
    }

    private func page(_ text: String, _ format: ExpositionFormat) -> AdminResponse {
        AdminResponse(status: 200, contentType: format.contentType, body: Array(text.utf8))
    }

    private func config(_ call: Call) -> AdminResponse {
        AdminResponse(
            status: 200,
            contentType: "application/json",
            body: Array(control.server.config.redactedJSON().utf8)
        )
    }

    private func liveness(_ call: Call) -> AdminResponse { .text("ok") }

    private func readiness(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        if let reason = control.unreadiness { throw AdminRefusal(503, reason) }
        return .text("ready")
    }
}

// MARK: Changing

extension AdminRoutes {
    private func switchByBody(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forSwitch)
        guard let slot = body.slot else {
            throw AdminRefusal(400, "\"slot\" is missing; send {\"slot\": \"NAME\"}")
        }
        return try change(.switch(to: try self.slot(named: slot)), call, body)
    }

    private func switchByPath(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forSwitch)
        guard body.slot == nil || body.slot == call.name else {
            throw AdminRefusal(400, "the path and the body name different slots; name one")
        }
        return try change(.switch(to: try slot(named: call.name)), call, body)
    }

    private func rollback(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forRollback)
        return try change(.rollback, call, body)
    }

    private func setCanary(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forCanary)
        guard let percent = body.percent else {
            throw AdminRefusal(400, "\"percent\" is missing; send {\"percent\": 12.5}")
        }
        return try change(.setCanary(percent), call, body)
    }

    private func clearCanary(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forNoCanary)
        return try change(.clearCanary, call, body)
    }

    private func change(
        _ change: TrafficChange,
        _ call: Call,
        _ body: ChangeBody
    ) throws(AdminRefusal) -> AdminResponse {
        let terms = ChangeTerms(
            actor: call.actor,
            reason: body.reason,
            force: body.force,
            ifGeneration: try generation(call.request)
        )
        let result: ControlPlane.Result
        do { result = try control.apply(change, terms: terms) } catch {
            throw AdminRefusal(error)
        }
        var json = control.changeJSON(result)
        if body.waitsUntilDrained {
            let old = result.routing.active.other
            let isDrained = control.waitUntilDrained(old, timeout: body.timeout)
            json = json.adding("drained", .bool(isDrained))
        }
        return .json(json).with("ETag", "\"\(result.routing.generation)\"")
    }

    private func reload(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        _ = try ChangeBody(call.request.body, allowing: [])
        let loaded: LoadedConfig
        do { loaded = try control.reload(actor: call.actor) } catch {
            var refusal = AdminRefusal(422, "the configuration was not applied")
            refusal.issues = error.reasons
            throw refusal
        }
        return .json(loaded.json)
    }

    private func upgrade(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        _ = try ChangeBody(call.request.body, allowing: [])
        do {
            let successor = try control.upgrade(actor: call.actor)
            return .json([
                "process": JSON(successor.process), "version": .string(successor.version),
                "replaced": JSON(getpid()),
            ])
        } catch { throw AdminRefusal(409, error.message) }
    }

    func slot(named name: String) throws(AdminRefusal) -> SlotID {
        let config = control.server.config
        if let slot = config.slot(named: name) { return slot }
        let names = config.slots.map(\.name).joined(separator: ", ")
        throw AdminRefusal(404, "there is no slot \"\(name)\"; there are \(names)")
    }

    /// The generation that `If-Match` asks for; nil for none or any.
    func generation(_ request: AdminRequest) throws(AdminRefusal) -> Generation? {
        guard let text = request.field("if-match"), text != "*" else { return nil }
        guard text.count > 2, text.hasPrefix("\""), text.hasSuffix("\""),
            let generation = Generation(text.dropFirst().dropLast())
        else {
            throw AdminRefusal(400, "If-Match has to be one generation in quotes, such as \"17\"")
        }
        return generation
    }
}
