import CLinux
import Glibc

extension Exchange {
    /// Reads of one pump before other connections get their turn.
    static let pumpTurnLimit = 16
    /// Smaller reads of a chunked body are not worth keeping the request's head for the log.
    static let restRoomBytes = 4_096

    var isUpgrade: Bool { request.upgrade != .none }

    /// Passes the request's body on, as far as both sides allow.
    func pumpRequest() {
        if requestBody.isComplete, toUpstream.isEmpty { return }
        for _ in 0..<Self.pumpTurnLimit {
            guard let connection = upstream, connection.isConnected else { return }
            guard flushUpstream(connection) else { return }
            guard !requestBody.isComplete, !downstreamEnded else { return }
            guard downstream.canRead else { return waitForBody() }
            guard pass(to: connection) else { return }
        }
        bench.resumeLater(downstream)
    }

    /// Writes what is left from earlier; false when some of it still is, or all is over.
    private func flushUpstream(_ connection: UpstreamConnection) -> Bool {
        while !toUpstream.isEmpty {
            guard connection.canWrite else { return false }
            bench.slices.removeAll()
            bench.slices.append(toUpstream)
            switch bench.write(to: connection.transport) {
            case .bytes(let count):
                if count < toUpstream.count { connection.canWrite = false }
                bench.backlogBytes -= count
                toUpstream.consume(count)
                connection.expectMore(bench.rules.timeouts)
            case .wouldBlock: connection.canWrite = false
            case .failed, .endOfStream:
                upstreamStoppedReading(connection)
                return false
            }
        }
        return true
    }

    /// Moves one read's worth; false when nothing more can be done now.
    private func pass(to connection: UpstreamConnection) -> Bool {
        let space = unsafe bench.bulk.prefix(requestReadBytes)
        switch unsafe downstream.transport.receive(into: space) {
        case .bytes(let count):
            if count < space.count { downstream.canRead = downstream.hasHangup }
            attemptedAt = bench.now
            return unsafe pass(UnsafeMutableRawBufferPointer(rebasing: space[..<count]), connection)
        case .wouldBlock:
            downstream.canRead = false
            waitForBody()
            return false
        case .endOfStream:
            downstream.canRead = false
            guard phase == .tunnel else {
                abort()
                return false
            }
            downstreamEnded = true
            connection.transport.endOutput()
            endTunnelIfDone()
            return false
        case .failed:
            abort()
            return false
        }
    }

    /// Never more than this message has, so that what follows stays in the socket; where the end
    /// cannot be foreseen, no more than `input` can keep.
    private var requestReadBytes: Int {
        switch requestBody {
        case .length(let remaining): Int(min(remaining, UInt64(bench.readBytes)))
        case .untilClose: bench.readBytes
        default: min(restRoom, bench.readBytes)
        }
    }

    private func pass(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ connection: UpstreamConnection
    ) -> Bool {
        bytesIn += UInt64(bytes.count)
        makeRoomForRest()
        let part: BodyDecoder.Passed
        do throws(ParseError) {
            part = try unsafe requestBody.takeRequest(
                Span(_unsafeBytes: UnsafeRawBufferPointer(bytes))
            )
        } catch {
            refuseBody(error.status, error.reason)
            return false
        }
        if part.taken < bytes.count {
            unsafe input.append(UnsafeRawBufferPointer(rebasing: bytes[part.taken...]))
            bytesIn -= UInt64(bytes.count - part.taken)
        }
        requestBodyBytes += UInt64(part.taken)
        guard requestBodyBytes <= bench.rules.bodyLimitBytes || phase == .tunnel else {
            refuseBody(413, "The request body is larger than this server accepts.")
            return false
        }
        bench.slices.removeAll()
        if let base = bytes.baseAddress { unsafe bench.slices.append(base, count: part.count) }
        if part.needsEnd { bench.slices.append("\r\n") }
        // Nothing but trailers came.
        guard !bench.slices.isEmpty else { return true }
        return writeUpstream(connection)
    }

    private func writeUpstream(_ connection: UpstreamConnection) -> Bool {
        switch bench.write(to: connection.transport) {
        case .bytes(let count): keepUnwritten(count, connection)
        case .wouldBlock: keepUnwritten(0, connection)
        case .failed, .endOfStream:
            upstreamStoppedReading(connection)
            return false
        }
        connection.expectMore(bench.rules.timeouts)
        return toUpstream.isEmpty
    }

    /// Room in `input` for what follows this request: behind its head, which the log still names,
    /// or in the place of a head that leaves little.
    private var restRoom: Int {
        let behind = headBytes - inputBytes
        return behind >= Self.restRoomBytes ? behind : headBytes
    }

    /// From here on the request cannot be sent again: part of its body is gone.
    private func makeRoomForRest() {
        guard !hasStreamedBody else { return }
        hasStreamedBody = true
        guard headBytes - inputBytes < Self.restRoomBytes else { return }
        input.consume(inputBytes)
        inputBytes = 0
        // It stood in the head.
        givenRequestID = .empty
    }

    func waitForBody() {
        guard phase == .awaitingHead || phase == .relaying else { return }
        downstream.expect(.body, within: bench.rules.timeouts.requestBody)
    }

    /// The endpoint takes no more of the body; it may have sent its response before it closed.
    private func upstreamStoppedReading(_ connection: UpstreamConnection) {
        bench.slices.removeAll()
        dropRequestBacklog()
        keepsUpstream = false
        connection.canWrite = false
        connection.canRead = true
        pumpResponse()
        // Without a response in the socket the read has failed, and the attempt with it.
    }

    private func refuseBody(_ status: UInt16, _ reason: StaticString) {
        let hasResponse = phase != .awaitingHead
        endAttempt(.aborted)
        if hasResponse { end(.close) } else { answer(status, reason) }
    }
}
