extension Exchange {
    /// Longest `Referer` or `User-Agent` that a line holds; the rest is cut.
    private static let loggedFieldBytes = 512

    /// The line of Apache's "combined" format; its bytes are all that went downstream (`%O`).
    func logCombined() {
        bench.line.removeAll()
        bench.line.append(client)
        bench.line.append(" - - [")
        bench.line.append(commonLogTime: wallClockNanoseconds())
        bench.line.append("] \"")
        let hasHead = inputBytes >= request.byteCount && request.byteCount > 0
        if hasHead {
            append(request.methodBytes, limit: 32)
            bench.line.append(" ")
            append(request.target, limit: Self.loggedTargetBytes)
            bench.line.append(request.version == .http10 ? " HTTP/1.0" : " HTTP/1.1")
        } else {
            bench.line.append("-")
        }
        bench.line.append("\" ")
        bench.line.append(decimal: UInt64(status))
        bench.line.append(" ")
        bench.line.append(decimal: bytesOut)
        let (referer, agent) = hasHead ? namedFields() : (.empty, .empty)
        for value in [referer, agent] {
            bench.line.append(" \"")
            if value.isEmpty { bench.line.append("-") }
            append(value, limit: Self.loggedFieldBytes)
            bench.line.append("\"")
        }
        bench.line.append("\n")
        bench.log.write(.access, bench.line)
    }

    private func append(_ range: ByteRange, limit: Int) {
        let end = min(Int(range.end), Int(range.start) + limit)
        bench.line.append(quoted: ByteRange(Int(range.start), end), of: input)
    }

    /// The fields that the format names; the worker's table has served others since, so the head is
    /// read again.
    private func namedFields() -> (referer: ByteRange, agent: ByteRange) {
        var found = (referer: ByteRange.empty, agent: ByteRange.empty)
        let head = try? RequestHead.parse(
            input.unread,
            limits: .widest,
            fields: &bench.requestFields
        )
        guard head?.byteCount == request.byteCount else { return found }
        for index in 0..<bench.requestFields.count {
            let field = bench.requestFields[index]
            if input.equalsIgnoringCase(field.name, ForwardedRule.refererBytes) {
                found.referer = field.value
            } else if input.equalsIgnoringCase(field.name, ForwardedRule.userAgentBytes) {
                found.agent = field.value
            }
        }
        return found
    }
}

extension TextBuffer {
    /// A part of the unread bytes, as it stands inside quotes.
    fileprivate mutating func append(quoted range: ByteRange, of buffer: borrowing Buffer) {
        append(quoted: buffer.unread.extracting(range.range))
    }
}
