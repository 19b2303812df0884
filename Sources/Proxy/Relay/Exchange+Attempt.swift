extension Exchange {
    /// Chooses an endpoint and sends it the request, over an idle connection if there is one.
    func attempt(_ routing: WorkerRouting, isNext: Bool = false) {
        guard let laneIndex = self.lane else { preconditionFailure("a request is routed first") }
        lending(routing.lanes[laneIndex]) { attempt(routing, in: $0, isNext: isNext) }
    }

    /// `isNext`: its turn in the queue has come, so that it need not stand behind it again.
    private func attempt(_ routing: WorkerRouting, in lane: Lane, isNext: Bool) {
        if let queue = lane.queue, !isNext, !queue.isEmpty {
            // An endpoint may have come back since the last one of them was served.
            if lane.hasRoom { bench.serveLater(queue) }
            return wait(in: queue)
        }
        let choice = lane.pick(excluding: failedPlace, now: bench.now, random: &bench.random)
        guard let place = choice else { return noPlace(in: lane, routing) }
        attempts += 1
        attemptedAt = bench.now
        connectTime = Nanoseconds(0)
        self.place = place
        lastPlace = place
        lending(lane.pools[place]) { pool in
            pool.attemptBegan()
            guard let connection = idleConnection(of: pool) else { return connect(pool) }
            lending(bench.upstreams[connection]) {
                borrow($0)
                sendRequest(over: $0, routing)
            }
        }
    }

    /// All endpoints are busy, or none may be tried.
    private func noPlace(in lane: Lane, _ routing: WorkerRouting) {
        if let queue = lane.queue, lane.isInService { return wait(in: queue) }
        // There was nothing to try, and yet the slot has failed the request.
        evidence?.ended(.connectFailure)
        if hasOtherAnswers, isAnsweredOtherwise(withoutAttempt: routing, .unhealthy) { return }
        counters.foundNoEndpoint()
        answer(503, "No endpoint of the service is healthy.")
    }

    /// A pooled connection that is fit for this request, by its place in the worker's table.
    private func idleConnection(of pool: ConnectionPool) -> Int? {
        // The second attempt does not trust the pool again: its neighbours may be as stale.
        guard laneAttempts == 1 else {
            // One more than may be would be open beside the idle ones.
            if pool.attemptLimit != .max, let index = pool.takeIdle() {
                bench.upstreams[index].close()
            }
            return nil
        }
        while let index = pool.takeIdle() {
            // A request that cannot be sent twice gets a look at the socket first, for once it
            // is written, a close that was under way cannot be told from one that it caused.
            if request.method.isIdempotent && requestBody.isComplete { return index }
            let connection = bench.upstreams[index]
            if !connection.transport.hasUnexpectedInput { return index }
            connection.close()
        }
        return nil
    }

    private func borrow(_ connection: UpstreamConnection) {
        upstream = connection
        connection.exchange = self
    }

    private func connect(_ pool: ConnectionPool) {
        let connection = bench.takeUpstream()
        phase = .connecting
        borrow(connection)
        do throws(SystemError) {
            try connection.open(for: pool, timeout: bench.rules.timeouts.connect)
        } catch {
            guard error.isShortage else { return connectFailed(.connectFailure) }
            // Ours, not the endpoint's: another one would fare no better.
            endAttempt(.aborted)
            answer(503, "The proxy has no descriptor or port left for a connection.")
        }
    }

    func connected() {
        guard let connection = upstream else { return }
        connectTime = bench.now - connection.openedAt
        counters.connected(after: connectTime)
        let routing = routing
        parseAgain(routing)
        sendRequest(over: connection, routing)
        // What came in one event with the connect is not reported again.
        if phase == .awaitingHead, upstream?.canRead == true { pumpResponse() }
    }

    func connectFailed(_ cause: UpstreamFailure.Cause) {
        fail(UpstreamFailure(cause: cause, progress: .nothingSent, wasReused: false))
    }

    /// Writes the head, and the body as far as it is here.
    private func sendRequest(over connection: UpstreamConnection, _ routing: WorkerRouting) {
        phase = .awaitingHead
        keepsUpstream = true
        partialHead?.removeAll()
        rewriteRequest(routing)
        bench.appendInput(
            input,
            from: request.byteCount,
            to: isUpgrade ? request.byteCount : passedBytes
        )
        if needsChunkEnd { bench.slices.append("\r\n") }
        appendBodyAtHand()
        connection.expect(.head, within: bench.rules.timeouts.responseHead)
        switch bench.write(to: connection.transport) {
        case .bytes(let count): keepUnwritten(count, connection)
        case .wouldBlock: keepUnwritten(0, connection)
        case .failed, .endOfStream:
            bench.slices.removeAll()
            let reused = connection.wasReused
            let failure = UpstreamFailure(
                cause: .closed,
                progress: .nothingSent,
                wasReused: reused
            )
            return fail(failure)
        }
        if !requestBody.isComplete || !toUpstream.isEmpty { pumpRequest() }
    }

    /// Reads on before the head is written, so that both leave in one write.
    private func appendBodyAtHand() {
        guard case .length(let remaining) = requestBody else { return }
        let downstream = downstream
        guard downstream.canRead else { return }
        let space = unsafe bench.bulk.prefix(Int(min(remaining, UInt64(bench.readBytes))))
        guard case .bytes(let count) = unsafe downstream.transport.receive(into: space) else {
            return
        }
        if count < space.count { downstream.canRead = downstream.hasHangup }
        hasStreamedBody = true
        bytesIn += UInt64(count)
        requestBodyBytes += UInt64(count)
        requestBody = BodyDecoder(.length(remaining - UInt64(count)))
        if let base = space.baseAddress { unsafe bench.slices.append(base, count: count) }
    }

    func keepUnwritten(_ written: Int, _ connection: UpstreamConnection) {
        bench.slices.advance(written)
        guard !bench.slices.isEmpty else { return }
        connection.canWrite = false
        bench.backlogBytes += bench.slices.byteCount
        toUpstream.append(bench.slices)
        bench.slices.removeAll()
    }

    /// Fills the worker's field table anew: another request has used it since.
    func parseAgain(_ routing: WorkerRouting) {
        let head = try? RequestHead.parse(
            input.unread,
            limits: .widest,
            fields: &bench.requestFields
        )
        precondition(head?.byteCount == request.byteCount, "the same bytes parse the same")
        _ = routing.preview.slot(in: input, &bench.requestFields)
    }

    // MARK: Failures

    func responseTimedOut() {
        guard let connection = upstream else { return }
        // The downstream holds things up, and has a timer of its own.
        let isBlocked = !toDownstream.isEmpty || (!requestBody.isComplete && toUpstream.isEmpty)
        if isBlocked, phase != .tunnel { return connection.expectMore(bench.rules.timeouts) }
        let progress: UpstreamFailure.Progress =
            phase == .awaitingHead ? .requestStarted : .responseStarted
        fail(UpstreamFailure(cause: .responseTimeout, progress: progress, wasReused: false))
    }

    /// The endpoint closed, or reset, before its response was whole.
    func upstreamClosed() {
        guard let connection = upstream else { return }
        let hasPart = phase != .awaitingHead || (partialHead?.unreadCount ?? 0) > 0
        fail(
            UpstreamFailure(
                cause: .closed,
                progress: hasPart ? .responseStarted : .requestStarted,
                wasReused: connection.wasReused
            )
        )
    }

    /// Ends the attempt, and begins another one if that is safe.
    func fail(_ failure: UpstreamFailure) {
        failedPlace = place
        endCause = ExchangeEnd(failure.cause)
        let hasBegun = phase != .awaitingHead && phase != .connecting
        let isRetried = !hasBegun && takeRetry(after: failure)
        endAttempt(failure.outcome, isEvidence: !(isRetried && failure.mayBeStale))
        dropRequestBacklog()
        if hasBegun { return cut() }
        endCause = .complete
        if isRetried { return attempt(routing) }
        if hasOtherAnswers, isAnsweredOtherwise(after: failure) { return }
        answer(failure.status, failure.reason)
    }

    /// Whether the request is tried again, which takes from the budget.
    private func takeRetry(after failure: UpstreamFailure) -> Bool {
        guard Int(laneAttempts) <= bench.rules.retries, !hasStreamedBody,
            failure.mayRetry(idempotent: request.method.isIdempotent), isWorthRetrying(failure)
        else { return false }
        guard bench.retryBudget.takeRetry() else {
            counters.retryRefused()
            return false
        }
        counters.retried()
        return true
    }

    /// A canary with a single endpoint that refuses will refuse again: the net is the better second
    /// attempt, and the active slot keeps its retries.
    private func isWorthRetrying(_ failure: UpstreamFailure) -> Bool {
        guard recourse.contains(.safetyNet), !failure.mayBeStale, let lane else { return true }
        return routing.lanes[lane].pools.count > 1
    }

    /// Attempts in the slot that the exchange is in now.
    private var laneAttempts: UInt8 { attempts - attemptsElsewhere }

    /// Whether a failure may be something else for the downstream.
    var hasOtherAnswers: Bool { !recourse.isEmpty || rescue != nil }

    /// The response broke off after it had begun: the downstream must not take it for whole.
    private func cut() { end(endingOfPart) }
}
