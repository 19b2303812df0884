import CLinux
import Glibc

extension Exchange {
    /// Interim responses passed on for one request; an endpoint that sends more sends them for ever.
    static let interimLimit: UInt8 = 32

    /// Passes the response on, as far as both sides allow.
    func pumpResponse() {
        for _ in 0..<Self.pumpTurnLimit {
            guard flushDownstream() else { return }
            guard phase == .awaitingHead || !isResponseRead else { return finishResponse() }
            let goesOn = withUpstream { $0.canRead && receive(from: $0) }
            guard goesOn == true else { return }
        }
        bench.resumeLater(downstream)
    }

    private var isResponseRead: Bool {
        phase == .tunnel ? upstreamEnded : responseBody.isComplete
    }

    /// Writes what is left from earlier; false when some of it still is, or all is over.
    func flushDownstream() -> Bool {
        while !toDownstream.isEmpty {
            guard downstream.canWrite else {
                downstream.expect(.write, within: bench.rules.timeouts.streamIdle)
                return false
            }
            bench.slices.removeAll()
            bench.slices.append(toDownstream)
            switch bench.write(to: downstream.transport) {
            case .bytes(let count):
                if count < toDownstream.count { downstream.canWrite = false }
                bench.backlogBytes -= count
                toDownstream.consume(count)
                guard toDownstream.isEmpty else { continue }
                downstream.expectNothing()
                if !requestBody.isComplete, toUpstream.isEmpty { waitForBody() }
            case .wouldBlock: downstream.canWrite = false
            case .failed, .endOfStream:
                abort()
                return false
            }
        }
        return true
    }

    /// Reads once and handles what came; false when nothing more can be done now.
    private func receive(from connection: UpstreamConnection) -> Bool {
        let isPartial = (partialHead?.unreadCount ?? 0) > 0
        let space =
            unsafe isPartial
            ? partialHead?.freeSpace ?? bench.bulk.prefix(0) : bench.bulk.prefix(bench.readBytes)
        switch unsafe connection.transport.receive(into: space) {
        case .bytes(let count):
            if count < space.count { connection.canRead = connection.hasHangup }
            connection.expect(phase == .awaitingHead ? .head : .stream, within: awaitedTime)
            if isPartial {
                partialHead?.didFill(count)
                return handlePartialHead()
            }
            return unsafe handle(UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
        case .wouldBlock:
            connection.canRead = false
            return false
        case .endOfStream:
            return responseEnded()
        case .failed:
            upstreamClosed()
            return false
        }
    }

    private var awaitedTime: Nanoseconds {
        phase == .awaitingHead ? bench.rules.timeouts.responseHead : bench.rules.timeouts.streamIdle
    }

    private func handlePartialHead() -> Bool {
        guard let bytes = unsafe partialHead?.unreadBytes else { return true }
        return unsafe handle(bytes)
    }

    /// Takes what came from the endpoint; false when the exchange cannot go on for now.
    private func handle(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var rest = unsafe bytes
        while phase == .awaitingHead {
            guard rest.count > 0 else {
                partialHead?.removeAll()
                return true
            }
            do throws(ParseError) {
                let head = try ResponseHead.parse(
                    unsafe Span(_unsafeBytes: UnsafeRawBufferPointer(rest)),
                    requestMethod: request.method,
                    limits: headLimits,
                    fields: &bench.responseFields
                )
                guard let head else {
                    unsafe keepPartialHead(rest)
                    return true
                }
                if hasOtherAnswers, !head.isInterim {
                    switch unsafe decide(on: head, rest) {
                    case .passOn: break
                    case .wait:
                        unsafe keepPartialHead(rest)
                        return true
                    case .over: return false
                    }
                }
                let size = head.byteCount
                let headBytes = unsafe UnsafeMutableRawBufferPointer(rebasing: rest[..<size])
                unsafe rest = UnsafeMutableRawBufferPointer(rebasing: rest[size...])
                if head.isInterim {
                    guard unsafe relayInterim(head, headBytes) else { return false }
                } else {
                    return try unsafe beginResponse(head, headBytes, rest)
                }
            } catch {
                failMalformed()
                return false
            }
        }
        return unsafe relayBody(rest)
    }

    func failMalformed() {
        fail(
            UpstreamFailure(cause: .malformedResponse, progress: .responseStarted, wasReused: false)
        )
    }

    private func keepPartialHead(_ bytes: UnsafeMutableRawBufferPointer) {
        // When the piece stands in the buffer already, there is nothing to keep.
        if let kept = unsafe partialHead?.unreadBytes, kept.count == bytes.count, kept.count > 0 {
            return
        }
        var buffer = Buffer(capacity: headBytes)
        unsafe buffer.append(UnsafeRawBufferPointer(bytes))
        partialHead = consume buffer
    }

    /// Passes a 1xx head on (RFC 9110 §15.2); HTTP/1.0 does not know them.
    private func relayInterim(_ head: ResponseHead, _ bytes: UnsafeMutableRawBufferPointer) -> Bool
    {
        interimCount += 1
        guard interimCount <= Self.interimLimit else {
            failMalformed()
            return false
        }
        guard request.version == .http11 else { return true }
        bench.slices.removeAll()
        bench.text.removeAll()
        unsafe bench.appendResponse(head, bytes, ResponseChange(version: request.version))
        return writeDownstream()
    }

    /// Decides how the response goes downstream, and passes on what is here of it.
    private func beginResponse(
        _ head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer,
        _ rest: UnsafeMutableRawBufferPointer
    ) throws(ParseError) -> Bool {
        status = head.status
        respondedAt = bench.now
        keepsUpstream = keepsUpstream && head.keepAlive
        // Failures are judged by their number: quick ones must not make a slot look quick.
        if head.status < 500 { evidence?.responded(after: bench.now - attemptedAt) }
        // What came first had the head's time: from here on only silence ends it.
        withUpstream { $0.expect(.stream, within: bench.rules.timeouts.streamIdle) }
        var change = ResponseChange(version: request.version)
        if head.status == 101 {
            guard isUpgrade else {
                failMalformed()
                return false
            }
            beginTunnel()
            change.isUpgrade = true
        } else {
            responseBody = BodyDecoder(head.framing)
            phase = .relaying
            decideTransfer(head.framing)
            // HTTP/1.0 does not know the field, with a body or without (RFC 9112 §6.1).
            change.dropsChunked = request.version == .http10
            change.addsChunked = transfer == .chunked
            if !requestBody.isComplete || bench.isDraining { keepsDownstream = false }
            change.connection = keepsDownstream ? .keepAlive : .close
        }
        bench.slices.removeAll()
        bench.text.removeAll()
        if !session.isNone { unsafe markSession(head, bytes, &change) }
        unsafe bench.appendResponse(head, bytes, change)
        guard unsafe appendBody(rest) else {
            // Nothing was written yet, so that the downstream can still be told.
            phase = .awaitingHead
            status = 0
            failMalformed()
            return false
        }
        if let rescue, rescue.isSuccess(head.status) { counters.rescued(rescue) }
        let isKept = writeDownstream()
        partialHead = nil
        // What the downstream sent ahead is the first of the tunnel.
        if isKept, phase == .tunnel { pumpRequest() }
        return isKept && phase != .ended
    }

    private func decideTransfer(_ framing: BodyFraming) {
        switch (framing, request.version) {
        case (.chunked, .http10):
            transfer = .unchunked
            keepsDownstream = false
        case (.untilClose, .http10): keepsDownstream = false
        case (.untilClose, .http11): transfer = .chunked
        default: transfer = .asReceived
        }
    }

    private func relayBody(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        bench.slices.removeAll()
        bench.text.removeAll()
        guard unsafe appendBody(bytes) else {
            failMalformed()
            return false
        }
        return writeDownstream()
    }

    /// Adds body bytes to what is written next, in the transfer's form; false when malformed.
    private func appendBody(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard bytes.count > 0 else { return true }
        guard let base = bytes.baseAddress else { return true }
        do throws(ParseError) {
            var taken: Int
            switch transfer {
            case .asReceived:
                taken = try unsafe responseBody.take(
                    Span(_unsafeBytes: UnsafeRawBufferPointer(bytes))
                )
                unsafe bench.slices.append(base, count: taken)
                if phase == .tunnel {
                    unsafe frames.take(Span(_unsafeBytes: UnsafeRawBufferPointer(bytes)))
                }
            case .unchunked:
                var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
                let result = try responseBody.unchunk(&span)
                taken = result.consumed
                unsafe bench.slices.append(base, count: result.kept)
            case .chunked:
                taken = bytes.count
                bench.appendChunkSize(bytes.count)
                unsafe bench.slices.append(base, count: taken)
                bench.slices.append("\r\n")
            }
            if taken < bytes.count { keepsUpstream = false }
            return true
        } catch {
            return false
        }
    }

    /// Writes the slices; false when the downstream is gone or has to catch up first.
    func writeDownstream() -> Bool { withDownstream { write(to: $0) } }

    private func write(to downstream: DownstreamConnection) -> Bool {
        bytesOut += UInt64(bench.slices.byteCount)
        if downstream.canWrite, toDownstream.isEmpty, !bench.slices.isEmpty {
            switch bench.write(to: downstream.transport) {
            case .bytes(let count): bench.slices.advance(count)
            case .wouldBlock: break
            case .failed, .endOfStream:
                bench.slices.removeAll()
                abort()
                return false
            }
            if !bench.slices.isEmpty { downstream.canWrite = false }
        }
        bench.backlogBytes += bench.slices.byteCount
        toDownstream.append(bench.slices)
        bench.slices.removeAll()
        return true
    }

    /// The endpoint closed its side; false when the exchange is over or has failed.
    private func responseEnded() -> Bool {
        guard phase == .relaying || phase == .tunnel else {
            upstreamClosed()
            return false
        }
        upstream?.canRead = false
        keepsUpstream = false
        if phase == .tunnel {
            upstreamEnded = true
            return true
        }
        guard responseBody == .untilClose else {
            upstreamClosed()
            return false
        }
        responseBody = .complete
        guard transfer == .chunked else { return true }
        bench.slices.removeAll()
        bench.slices.append("0\r\n\r\n")
        return writeDownstream()
    }

    /// All of the response is read and written.
    private func finishResponse() {
        guard phase != .tunnel else {
            downstream.transport.endOutput()
            return endTunnelIfDone()
        }
        giveBackUpstream()
        guard requestBody.isComplete else { return end(.linger) }
        end(keepsDownstream ? .keepAlive : .close)
    }

    func giveBackUpstream() {
        withUpstream { connection in
            let place = place
            upstream = nil
            self.place = nil
            let outcome: AttemptOutcome = status >= 500 ? .serverError : .success
            evidence?.ended(outcome)
            connection.attemptEnded(outcome)
            if keepsUpstream, requestBody.isComplete, toUpstream.isEmpty {
                connection.park(idleTimeout: bench.rules.timeouts.upstreamIdle)
            } else {
                connection.close()
            }
            if outcome == .serverError, let place { noteFailure(outcome, at: place) }
            if bench.rules.limitsConnections { noteFreeConnection() }
        }
    }
}
