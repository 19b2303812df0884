extension Exchange {
    /// The first read of a request: nearly every head fits, and a long body behind it passes
    /// through the worker's one warm buffer instead of this exchange's own.
    private static let firstReadBytes = 8 * 1024

    /// Reads and parses until the request head is whole.
    func readHead(from downstream: DownstreamConnection, _ routing: WorkerRouting) {
        var isNew = hasInput
        while true {
            if isNew, parseHead(downstream, routing) { return }
            guard downstream.canRead else { return waitForHead(downstream) }
            let space = unsafe headSpace
            switch unsafe downstream.transport.receive(into: space) {
            case .bytes(let count):
                input.didFill(count)
                if count < space.count { downstream.canRead = downstream.hasHangup }
                isNew = true
            case .wouldBlock:
                downstream.canRead = false
                isNew = false
            case .endOfStream, .failed:
                // Between requests this is how connections end; within a head nobody waits for
                // an answer any more.
                return endWithoutRequest(.close)
            }
        }
    }

    /// Room for the next bytes of a head.
    private var headSpace: UnsafeMutableRawBufferPointer {
        let space = unsafe input.freeSpace
        guard !hasInput, space.count > Self.firstReadBytes else { return unsafe space }
        return unsafe UnsafeMutableRawBufferPointer(rebasing: space[..<Self.firstReadBytes])
    }

    private func waitForHead(_ downstream: DownstreamConnection) {
        guard hasInput else { return endWithoutRequest(.noRequest) }
        // For the whole head: a byte now and then does not prolong it.
        guard downstream.awaited != .head else { return }
        downstream.expect(.head, within: bench.rules.timeouts.requestHead)
    }

    /// Whether the exchange went on to its next phase.
    private func parseHead(
        _ downstream: DownstreamConnection,
        _ routing: WorkerRouting
    ) -> Bool {
        do throws(ParseError) {
            let head = try RequestHead.parse(
                input.unread,
                limits: headLimits,
                fields: &bench.requestFields
            )
            guard let head else { return false }
            request = head
            try takeBufferedBody(input.unread)
        } catch {
            // The fields before the fault were well: among them may be the id to answer with.
            request = RequestHead()
            identify(downstream.peer, routing)
            inputBytes = input.unreadCount
            bytesIn = UInt64(inputBytes)
            answer(error.status, error.reason)
            return true
        }
        downstream.expectNothing()
        bytesIn = UInt64(inputBytes)
        keepsDownstream = request.keepAlive && !bench.isDraining && downstream.listener >= 0
        identify(downstream.peer, routing)
        if bench.rules.clientRate == nil || isWithinRate {
            route(Int(downstream.listener), routing)
        } else {
            bench.counters.requestRefused()
            answer(429, "This client sends requests faster than it may.")
        }
        return true
    }

    /// Whether the client may ask once more, which is counted.
    private var isWithinRate: Bool {
        guard let rate = bench.rules.clientRate, let table = bench.clientTables.requests else {
            return true
        }
        return table.take(client, rate, now: bench.now)
    }

    /// The limits on heads, as far as the buffers of this exchange go: a reload may have changed
    /// the size since it was made.
    var headLimits: HeadLimits {
        var limits = bench.rules.headLimits
        limits.headBytes = headBytes
        return limits
    }

    /// Claims the part of the body that came with the head.
    private func takeBufferedBody(_ bytes: Span<UInt8>) throws(ParseError) {
        requestBody = BodyDecoder(request.framing)
        inputBytes = request.byteCount
        passedBytes = request.byteCount
        needsChunkEnd = false
        let rest = bytes.extracting(droppingFirst: request.byteCount)
        guard !requestBody.isComplete, !rest.isEmpty else { return }
        let part = try requestBody.takeRequest(rest)
        inputBytes += part.taken
        passedBytes += part.count
        needsChunkEnd = part.needsEnd
        requestBodyBytes = UInt64(part.taken)
    }

    /// Finds out who sent the request, as far as the peer is to be believed.
    private func identify(_ peer: IPAddress, _ routing: WorkerRouting) {
        makeRequestID()
        if routing.forwarded.readsTrace { readTrace(routing.forwarded) }
        client = peer
        isTrusted = routing.forwarded.trusts(client)
        guard isTrusted else { return }
        let rule = routing.forwarded
        if request.forwardedFor >= 0 {
            let value = bench.requestFields[request.forwardedFor].value
            client = rule.client(peer: client, forwardedFor: value, in: input.unread)
        }
        let name = rule.requestIDName
        for index in 0..<bench.requestFields.count {
            let field = bench.requestFields[index]
            // One that Connection names does not go on.
            guard !field.isRemoved, field.name.count == name.count, field.value.count > 0,
                field.value.count <= ForwardedRule.requestIDLimitBytes,
                input.equalsIgnoringCase(field.name, name)
            else { continue }
            givenRequestID = field.value
            return
        }
    }

    private func makeRequestID() {
        requestID = (bench.random.next(), bench.random.next())
    }

    /// Finds the lane of the request, and sends it there.
    private func route(_ listener: Int, _ routing: WorkerRouting) {
        guard listener >= 0 else { return answer(404, "The listener is closed.") }
        if !routing.healthPath.isEmpty, asksForHealth(routing) { return answerHealth(routing) }
        if request.maxForwards == 0 { return answerAsLast() }
        let route = routing.routeTables[listener].route(
            head: input.unread,
            path: request.path,
            authority: request.authority,
            method: request.methodBytes,
            fields: bench.requestFields
        )
        guard let route else { return answer(404, "No route takes this request.") }
        let slot = chooseSlot(route, routing)
        let lane = 2 * route.service + slot.index
        self.lane = lane
        self.slot = slot
        routePlace = route.place
        judged = Int32(route.judged ?? -1)
        evidence = route.judged.map { routing.attemptCounters[2 * $0 + slot.index] }
        counters = routing.laneCounters[lane]
        counters.began()
        bench.retryBudget.requestBegan()
        var knownBytes = requestBodyBytes
        if case .length(let length) = request.framing { knownBytes = length }
        if knownBytes > bench.rules.bodyLimitBytes {
            return answer(413, "The request body is larger than this server accepts.")
        }
        attempt(routing)
    }

    private func asksForHealth(_ routing: WorkerRouting) -> Bool {
        guard request.path.count == routing.healthPath.count,
            request.method == .get || request.method == .head
        else { return false }
        return input.hasBytes(routing.healthPath, at: Int(request.path.start))
    }

    private func answerHealth(_ routing: WorkerRouting) {
        if bench.isDraining { return answer(503, "The program drains and will end.") }
        guard routing.isActiveSlotServed else {
            return answer(503, "A service of the active slot has no healthy endpoint.")
        }
        answer(200, "The active slot is served.")
    }

    /// Answers what Max-Forwards forbids to pass on (RFC 9110 §7.6.2).
    ///
    /// TRACE is not echoed: a script could read from it what the browser keeps from scripts.
    private func answerAsLast() {
        if request.method == .trace {
            answer(501, "This server echoes no requests.")
        } else {
            answer(200, "Max-Forwards ends at this server.")
        }
    }
}

extension Buffer {
    /// Whether exactly these bytes stand there.
    fileprivate func hasBytes(_ bytes: [UInt8], at start: Int) -> Bool {
        for offset in bytes.indices where unread[start + offset] != bytes[offset] { return false }
        return true
    }
}
