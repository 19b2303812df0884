import CLinux
import Glibc

/// The second slot of an exchange: where a failed canary, or a 404, is made good.
///
/// Nothing has been sent downstream by then, and nothing that has an effect is sent twice. It
/// happens once to an exchange, so that the other slot gets at most the requests that it would
/// have without a canary.
extension Exchange {
    /// The answer after a failed attempt, when it is not the failure itself.
    func isAnsweredOtherwise(after failure: UpstreamFailure) -> Bool {
        if rescue == .notFound {
            answerNotFound()
            return true
        }
        let isSafe = request.method.isIdempotent || failure.progress == .nothingSent
        guard isSafe, isUnderNet(routing) else { return false }
        moveToOtherSlot(RescueReason(failure.cause), routing)
        return true
    }

    /// The same when there was no endpoint to try, or none that had room.
    func isAnsweredOtherwise(withoutAttempt routing: WorkerRouting, _ reason: RescueReason) -> Bool
    {
        if rescue == .notFound {
            answerNotFound()
            return true
        }
        guard isUnderNet(routing) else { return false }
        moveToOtherSlot(reason, routing)
        return true
    }

    /// What becomes of a response whose head is here.
    enum HeadDecision {
        case passOn
        /// More of its body has to come first.
        case wait
        /// The exchange went on elsewhere.
        case over
    }

    /// Decides on a response before any of it is passed on; `bytes` begin with its head.
    func decide(
        on head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer
    ) -> HeadDecision {
        if rescue == .notFound, head.status >= 500 {
            unsafe endResponse(head, bytes)
            answerNotFound()
            return .over
        }
        if head.status == 404, recourse.contains(.assets) {
            return unsafe decide(onMissing: head, bytes)
        }
        let routing = routing
        guard routing.safetyNet.takes(head.status), request.method.isIdempotent,
            isUnderNet(routing)
        else { return .passOn }
        unsafe endResponse(head, bytes)
        moveToOtherSlot(.serverError, routing)
        return .over
    }

    /// A 404 is kept until it is whole, as far as a head's buffer goes, so that it can still be
    /// passed on; then its connection is free, and the other slot is asked.
    private func decide(
        onMissing head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer
    ) -> HeadDecision {
        let routing = routing
        guard mayMove(routing) else { return .passOn }
        switch unsafe extent(head, bytes) {
        case .whole where bytes.count <= headBytes: break
        case .whole: return .passOn
        case .part(let size): return size <= UInt64(headBytes) ? .wait : .passOn
        case .other: return .passOn
        }
        evidence?.responded(after: bench.now - attemptedAt)
        unsafe endResponse(head, bytes)
        moveToOtherSlot(.notFound, routing)
        return .over
    }

    /// Counts a response that nobody will see, and gives its connection back if it ended with it.
    private func endResponse(_ head: ResponseHead, _ bytes: UnsafeMutableRawBufferPointer) {
        status = head.status
        keepsUpstream = unsafe keepsUpstream && head.keepAlive && extent(head, bytes) == .whole
        giveBackUpstream()
        status = 0
    }

    /// How much of a response is here.
    private enum Extent: Equatable {
        case whole
        /// At least so many bytes are needed for all of it.
        case part(of: UInt64)
        /// More than the response, or nothing that could be one.
        case other
    }

    private func extent(
        _ head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer
    ) -> Extent {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[head.byteCount...])
        var body = BodyDecoder(head.framing)
        guard let taken = try? unsafe body.take(Span(_unsafeBytes: rest)), taken == rest.count
        else {
            return .other
        }
        switch body {
        case .complete: return .whole
        case .length(let remaining): return .part(of: UInt64(bytes.count) + remaining)
        case .chunked: return .part(of: UInt64(bytes.count) + 1)
        case .untilClose: return .part(of: .max)
        }
    }

    // MARK: Moving

    private func isUnderNet(_ routing: WorkerRouting) -> Bool {
        recourse.contains(.safetyNet) && mayMove(routing) && bench.rescueBudget.takeRetry()
    }

    /// Whether the other slot may be asked: all of the request is still here, the downstream has
    /// heard nothing, the slot can answer, and no switch has taken live traffic away from it.
    private func mayMove(_ routing: WorkerRouting) -> Bool {
        guard !hasStreamedBody, interimCount == 0, let lane, let slot else { return false }
        let active = bench.routing.snapshot.routing.active
        let isDraining = routing.snapshot.routing.active == slot.other && active != slot.other
        return !isDraining && routing.lanes[lane ^ 1].takesRequests
    }

    private func moveToOtherSlot(_ reason: RescueReason, _ routing: WorkerRouting) {
        guard let lane, let slot else { preconditionFailure("a request is routed first") }
        recourse = []
        rescue = reason
        dropRequestBacklog()
        partialHead?.removeAll()
        failedPlace = nil
        lastPlace = nil
        attemptsElsewhere = attempts
        counters.leftForOtherSlot()
        self.lane = lane ^ 1
        self.slot = slot.other
        counters = routing.laneCounters[lane ^ 1]
        counters.began()
        if judged >= 0 {
            evidence = routing.attemptCounters[2 * Int(judged) + slot.other.index]
        }
        parseAgain(routing)
        attempt(routing)
    }

    /// What the other slot could not answer is what it was before: not found.
    private func answerNotFound() { answer(404, "No slot has it.") }
}
