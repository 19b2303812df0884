extension Exchange {
    /// Longest host that is copied into the fields we add; a longer one is a slice of its own.
    private static let copiedHostBytes = 255

    /// Lays out the request head for the endpoint: what is forwarded stays where it was read, byte
    /// for byte and in order; what we add goes behind it.
    func rewriteRequest(_ routing: WorkerRouting) {
        bench.slices.removeAll()
        bench.text.removeAll()
        let peer = withDownstream { $0.peer }
        var run = appendRequestLine()
        var removals = Self.cookieRemovalLimit
        let ownNames = routing.forwarded.ownNames
        let fields = bench.requestFields.count
        for index in 0..<fields {
            let field = bench.requestFields[index]
            // Most fields are nothing to us.
            if field.known == .other, !field.isRemoved, !ownNames.mayHave(field) { continue }
            guard index != request.forwardedFor || !isTrusted else {
                // The last X-Forwarded-For grows by the peer (the list is in order of the way).
                appendInput(run, Int(field.value.end))
                appendText {
                    if !field.value.isEmpty { $0.append(", ") }
                    $0.append(peer)
                }
                run = Int(field.value.end)
                continue
            }
            guard isDropped(field, routing) else { continue }
            appendInput(run, Int(field.name.start))
            if field.known == .cookie { appendOtherCookies(field, routing, &removals) }
            run = Int(field.lineEnd)
        }
        // The empty line ends the head after the fields that we add.
        appendInput(run, request.byteCount - 2)
        appendFields(routing, peer)
    }

    /// The part of `input` from `start` to `end` goes out as it is.
    private func appendInput(_ start: Int, _ end: Int) {
        bench.appendInput(input, from: start, to: end)
    }

    /// Text made for this request goes out next.
    private func appendText(_ make: (inout TextBuffer) -> Void) {
        let start = bench.text.count
        make(&bench.text)
        bench.appendText(from: start)
    }

    /// Puts out the request line if it has to change; returns where the unchanged part begins.
    private func appendRequestLine() -> Int {
        let start = Int(request.methodBytes.start)
        switch (request.form, request.version) {
        case (.absolute, _):
            // RFC 9112 §3.2.1: towards an origin server, the path and query alone.
            let path = Int(request.authority.end)
            appendInput(start, Int(request.methodBytes.end) + 1)
            if request.path.isEmpty {
                // RFC 9112 §3.2.4: of the server as a whole.
                let isWhole = request.method == .options && request.target.end == path
                bench.slices.append(isWhole ? "*" : "/")
            }
            appendInput(path, Int(request.target.end))
            bench.slices.append(" HTTP/1.1\r\nHost: ")
            appendInput(Int(request.authority.start), Int(request.authority.end))
            bench.slices.append("\r\n")
        case (_, .http10):
            // The endpoint is spoken to in HTTP/1.1, and that needs a Host (RFC 9112 §3.2).
            appendInput(start, Int(request.target.end))
            bench.slices.append(request.host >= 0 ? " HTTP/1.1\r\n" : " HTTP/1.1\r\nHost: \r\n")
        case (_, .http11): return start
        }
        return Int(request.target.end) + " HTTP/1.1\r\n".utf8.count
    }

    /// Whether a field stays behind: hop-by-hop, or one that we set ourselves.
    private func isDropped(_ field: Field, _ routing: WorkerRouting) -> Bool {
        if field.isRemoved { return !(isUpgrade && field.known == .upgrade) }
        switch field.known {
        case .xForwardedFor, .xForwardedProto, .xForwardedHost: return !isTrusted
        case .host: return request.form == .absolute
        // The session's is between the downstream and us; the others are put out again.
        case .cookie:
            return routing.sessions.isEnabled
                && routing.sessions.hasCookie(in: input, field.value)
        case .maxForwards: return request.maxForwards > 0
        // The trailers that it announces stay behind.
        case .trailer: return true
        // Without a body, or of HTTP/1.0, nobody waits for a word (RFC 9110 §10.1.1).
        case .expect: return !request.expectsContinue
        case .other, .xRequestID:
            if makesTrace, isTraceParent(field) { return true }
            let name = routing.forwarded.requestIDName
            guard field.name.count == name.count, field.value != givenRequestID else {
                return false
            }
            // Ours, and what an application may take for it.
            return input.equalsAsVariable(field.name, name)
        default: return false
        }
    }

    /// The fields that tell the endpoint who asked, and for what.
    private func appendFields(_ routing: WorkerRouting, _ peer: IPAddress) {
        let start = bench.text.count
        if !isTrusted || request.forwardedFor < 0 {
            bench.text.append("X-Forwarded-For: ")
            bench.text.append(peer)
            bench.text.append("\r\n")
        }
        if !isTrusted || request.forwardedProto < 0 {
            bench.text.append("X-Forwarded-Proto: http\r\n")
        }
        if givenRequestID.isEmpty {
            bench.text.append(routing.forwarded.requestIDLine)
            bench.text.append(hexadecimal: requestID.0)
            bench.text.append(hexadecimal: requestID.1)
            bench.text.append("\r\n")
        }
        appendTrace()
        if request.maxForwards > 0 {
            bench.text.append("Max-Forwards: ")
            bench.text.append(decimal: UInt64(request.maxForwards - 1))
            bench.text.append("\r\n")
        }
        if isUpgrade { bench.text.append("Connection: upgrade\r\n") }
        if (!isTrusted || request.forwardedHost < 0), !request.authority.isEmpty {
            return appendForwardedHost(from: start)
        }
        bench.text.append("\r\n")
        bench.appendText(from: start)
    }

    private func appendForwardedHost(from start: Int) {
        bench.text.append("X-Forwarded-Host: ")
        guard request.authority.count > Self.copiedHostBytes else {
            bench.text.append(request.authority, of: input)
            bench.text.append("\r\n\r\n")
            return bench.appendText(from: start)
        }
        bench.appendText(from: start)
        appendInput(Int(request.authority.start), Int(request.authority.end))
        bench.slices.append("\r\n\r\n")
    }
}
