extension Exchange {
    /// Both sides agreed to another protocol (RFC 9110 §7.8): from here on bytes are bytes.
    func beginTunnel() {
        phase = .tunnel
        requestBody = .untilClose
        responseBody = .untilClose
        transfer = .asReceived
        keepsDownstream = false
        keepsUpstream = false
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
}
