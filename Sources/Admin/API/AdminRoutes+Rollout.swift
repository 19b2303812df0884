import Proxy

// MARK: Rollouts

extension AdminRoutes {
    func showRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        .json(rolloutJSON(control.rollout))
    }

    func startRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forRolloutStart)
        var candidate = control.routing.active.other
        if let name = body.slot { candidate = try slot(named: name) }
        let order = RolloutOrder(
            candidate: candidate,
            plan: try plan(body.plan, in: call.request.body),
            terms: try terms(call, body)
        )
        do { return .json(rolloutJSON(try control.startRollout(order))) } catch {
            throw AdminRefusal(error)
        }
    }

    /// The configured plan with what `json` says otherwise.
    private func plan(
        _ json: JSON?,
        in body: [UInt8]
    ) throws(AdminRefusal) -> Config.Rollout {
        let config = control.server.config
        guard let json else { return config.rollout }
        do throws(ConfigFailure) {
            return try Config.Rollout.parse(
                json,
                in: body,
                at: "$.plan",
                over: config.rollout,
                services: config.services.map(\.name)
            )
        } catch {
            var refusal = AdminRefusal(400, "the plan cannot be used; nothing was started")
            refusal.issues = error.issues.map(\.description)
            throw refusal
        }
    }

    func pauseRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forRollout)
        return try command(.pause, call, body)
    }

    func resumeRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forRollout)
        return try command(.resume, call, body)
    }

    func promoteRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forPromotion)
        return try command(.promote(full: body.isFull), call, body)
    }

    func abortRollout(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forRollout)
        return try command(.abort(reason: body.reason ?? "aborted by \(call.actor)"), call, body)
    }

    private func command(
        _ event: Rollout.Event,
        _ call: Call,
        _ body: ChangeBody
    ) throws(AdminRefusal) -> AdminResponse {
        let terms = try terms(call, body)
        do { return .json(rolloutJSON(try control.handle(event, terms: terms))) } catch {
            throw AdminRefusal(error)
        }
    }

    private func terms(_ call: Call, _ body: ChangeBody) throws(AdminRefusal) -> ChangeTerms {
        ChangeTerms(
            actor: call.actor,
            reason: body.reason,
            force: body.force,
            ifGeneration: try generation(call.request)
        )
    }

    /// All that is known of a rollout.
    private func rolloutJSON(_ rollout: Rollout?) -> JSON {
        guard let rollout else { return ["state": "none"] }
        let json = control.rolloutJSON(rollout).adding("plan", rollout.plan.json)
        guard !rollout.isOver else { return json }
        let notes = control.board.notes
        return
            json
            .adding("requests", JSON(notes.requests))
            .adding("trouble", JSON(notes.trouble))
            .adding("judged", JSON(notes.verdict?.sentence))
            .adding("verdict", notes.verdict?.json ?? .null)
    }
}

// MARK: Leases and events

extension AdminRoutes {
    func lease(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forLease)
        let order = ControlPlane.LeaseOrder(
            slot: try slot(named: call.name),
            holder: body.holder ?? call.actor,
            reason: body.reason,
            time: body.time,
            actor: call.actor
        )
        do {
            let lease = try control.lease(order)
            return .json(JSON.object([("slot", .string(call.name)), ("lease", lease.json)]))
        } catch { throw AdminRefusal(error) }
    }

    func endLease(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forLeaseEnd)
        let slot = try slot(named: call.name)
        do {
            let hasEnded = try control.endLease(
                on: slot,
                holder: body.holder,
                terms: ChangeTerms(actor: call.actor, reason: body.reason)
            )
            return .json(["slot": .string(call.name), "ended": .bool(hasEnded)])
        } catch { throw AdminRefusal(error) }
    }

    /// Server-sent events; `Last-Event-ID` goes on where a listener was cut off.
    func events(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        guard let feed = control.events.feed(after: call.request.field("last-event-id")) else {
            throw AdminRefusal(
                503,
                "\(EventLog.feedLimit) streams of events are open already; close one"
            )
        }
        var response = AdminResponse(status: 200, contentType: "text/event-stream", body: [])
        response.feed = feed
        return response
    }
}
