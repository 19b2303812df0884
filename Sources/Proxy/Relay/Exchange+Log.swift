extension Exchange {
    /// Longest target that a log line holds; the rest is cut.
    static let loggedTargetBytes = 2_048

    /// Says on the error log why the request was answered by us.
    func logAnswer(_ status: UInt16, _ reason: StaticString) {
        guard status >= bench.rules.toldStatus else { return }
        let (isAdmitted, heldBack) = bench.errorLimiter.admit(
            unsafe UInt(bitPattern: reason.utf8Start),
            at: bench.now,
            linesPerSecond: bench.rules.errorLinesPerSecond
        )
        guard isAdmitted else { return bench.counters.lineHeldBack() }
        beginLine(status)
        bench.line.append(",\"level\":\"")
        bench.line.append(status >= 500 ? "error" : "warn")
        bench.line.append("\",\"reason\":\"")
        bench.line.append(reason)
        bench.line.append("\"")
        if heldBack > 0 {
            bench.line.append(",\"held_back\":")
            bench.line.append(decimal: UInt64(heldBack))
        }
        bench.line.append("}\n")
        bench.log.write(.error, bench.line)
    }

    /// Says on the access log how the exchange ended.
    func logEnd(_ duration: Nanoseconds, _ format: Config.AccessLog.Format) {
        guard format == .json else { return logCombined() }
        beginLine(status)
        if attempts > 0 {
            bench.line.append(",\"connect_ms\":")
            bench.line.append(milliseconds: connectTime)
        }
        if endCause != .answered, status != 499 {
            bench.line.append(",\"head_ms\":")
            bench.line.append(milliseconds: respondedAt - startedAt)
        }
        bench.line.append(",\"duration_ms\":")
        bench.line.append(milliseconds: duration)
        bench.line.append(",\"bytes_in\":")
        bench.line.append(decimal: bytesIn)
        bench.line.append(",\"bytes_out\":")
        bench.line.append(decimal: bytesOut)
        bench.line.append(",\"end\":\"")
        bench.line.append(endCause.name)
        if endCause == .answered {
            bench.line.append("\",\"reason\":\"")
            bench.line.append(answerReason)
        }
        bench.line.append("\"}\n")
        bench.log.write(.access, bench.line)
    }

    private func beginLine(_ status: UInt16) {
        bench.line.removeAll()
        bench.line.append("{\"time\":\"")
        bench.line.append(wallClock: wallClockNanoseconds())
        bench.line.append("\",\"request_id\":\"")
        appendID()
        if let trace {
            bench.line.append("\",\"trace_id\":\"")
            bench.line.append(hexadecimal: trace.traceID.high)
            bench.line.append(hexadecimal: trace.traceID.low)
        }
        bench.line.append("\",\"client\":\"")
        bench.line.append(client)
        bench.line.append("\",\"method\":")
        bench.line.append(
            jsonOf: request.methodBytes,
            limit: 32,
            in: input,
            isThere: inputBytes > 0
        )
        bench.line.append(",\"target\":")
        bench.line.append(
            jsonOf: request.target,
            limit: Self.loggedTargetBytes,
            in: input,
            isThere: inputBytes > 0
        )
        bench.line.append(",\"status\":")
        bench.line.append(decimal: UInt64(status))
        appendPlace()
        bench.line.append(",\"attempts\":")
        bench.line.append(decimal: UInt64(attempts))
        guard let rescue else { return }
        bench.line.append(",\"rescued\":\"")
        bench.line.append(rescue.name)
        bench.line.append("\"")
    }

    private func appendID() {
        if givenRequestID.isEmpty || inputBytes == 0 {
            bench.line.append(hexadecimal: requestID.0)
            bench.line.append(hexadecimal: requestID.1)
        } else {
            bench.line.append(givenRequestID, of: input)
        }
    }

    private func appendPlace() {
        guard let lane, let slot else { return }
        let config = routing.snapshot.config
        bench.line.append(",\"slot\":\"")
        bench.line.append(Array(config.slots[slot.index].name.utf8))
        bench.line.append("\",\"service\":\"")
        bench.line.append(Array(config.services[lane / 2].name.utf8))
        bench.line.append("\"")
        guard let place = lastPlace else { return }
        bench.line.append(",\"endpoint\":\"")
        bench.line.append(Array(routing.lanes[lane].pools[place].endpoint.identity.authority.utf8))
        bench.line.append("\"")
    }
}

extension TextBuffer {
    /// A part of the unread bytes as a JSON string, cut at `limit`; null when it is gone.
    fileprivate mutating func append(
        jsonOf range: ByteRange,
        limit: Int,
        in buffer: borrowing Buffer,
        isThere: Bool
    ) {
        guard isThere, Int(range.end) <= buffer.unreadCount else { return append("null") }
        let end = min(Int(range.end), Int(range.start) + limit)
        append(json: buffer.unread.extracting(Int(range.start)..<end))
    }
}
