extension Exchange {
    /// Both sides agreed to another protocol (RFC 9110 §7.8): from here on bytes are bytes.
    func beginTunnel() {
        phase = .tunnel
        requestBody = .untilClose
        responseBody = .untilClose
        transfer = .asReceived
        keepsDownstream = false
        keepsUpstream = false
        frames = request.upgrade == .websocket ? WebSocketFrames() : .untracked
        counters.tunnelOpened()
        moveInputUpstream()
    }

    /// What the downstream sent behind its request is the first of the tunnel.
    private func moveInputUpstream() {
        hasStreamedBody = true
        guard input.unreadCount > inputBytes else { return }
        bench.slices.removeAll()
        bench.appendInput(input, from: inputBytes, to: input.unreadCount)
        bytesIn += UInt64(bench.slices.byteCount)
        bench.backlogBytes += bench.slices.byteCount
        toUpstream.append(bench.slices)
        bench.slices.removeAll()
        input.removeAll(after: inputBytes)
    }

    /// A tunnel is over when both sides have sent their last byte and it has been passed on.
    func endTunnelIfDone() {
        guard phase == .tunnel, downstreamEnded, upstreamEnded, toDownstream.isEmpty,
            toUpstream.isEmpty
        else { return }
        endAttempt(.success)
        end(.close)
    }

    /// Ends a stream whose time is over, or leaves it for a later call unless `isLast`.
    ///
    /// A WebSocket is told so by a close frame, which only fits between two frames of the
    /// endpoint's; others can only be cut.
    func closeStream(isLast: Bool) {
        guard phase == .tunnel, frames.areTracked else { return abort(.drained) }
        guard frames.areAtBoundary else { return isLast ? abort(.drained) : () }
        endCause = .drained
        endAttempt(.aborted)
        counters.tunnelClosed()
        phase = .answering
        bench.slices.removeAll()
        bench.text.removeAll()
        bench.appendServiceRestart()
        if writeDownstream() { finishAnswer() }
    }
}

extension Workbench {
    /// An unmasked close frame with the code 1012, "service restart" (RFC 6455 §5.5.1, and IANA's
    /// registry of its close codes).
    fileprivate func appendServiceRestart() {
        for byte: UInt8 in [0x88, 0x02, 0x03, 0xF4] { text.append(byte) }
        appendText(from: 0)
    }
}
