import CLinux
import Glibc

/// What differs downstream from the response head that came from the endpoint.
struct ResponseChange {
    enum Connection { case asIs, keepAlive, close }

    let version: HTTPVersion
    var connection = Connection.asIs
    var isUpgrade = false
    var dropsChunked = false
    var addsChunked = false
    /// Fields that stand ready in the worker's text, and are added.
    var addedBytes = 0

    init(version: HTTPVersion) { self.version = version }
}

/// Laying out what is written next; memory named here stays as it is until it was written.
extension Workbench {
    /// Part of the unread bytes of an exchange's input.
    func appendInput(_ input: borrowing Buffer, from start: Int, to end: Int) {
        let bytes = unsafe input.unreadBytes
        precondition(start >= 0 && end <= bytes.count, "a slice of bytes that are there")
        guard end > start, let base = bytes.baseAddress else { return }
        unsafe slices.append(base + start, count: end - start)
    }

    /// The text made since `start`.
    func appendText(from start: Int) {
        guard let base = unsafe text.bytes.baseAddress else { return }
        unsafe slices.append(base + start, count: text.count - start)
    }

    /// The size line of a chunk (RFC 9112 §7.1).
    func appendChunkSize(_ count: Int) {
        let start = text.count
        text.append(shortHexadecimal: UInt64(count))
        text.append("\r\n")
        appendText(from: start)
    }

    /// A status line that ends with its status, `HTTP/1.1 200`.
    private static let bareStatusLineBytes = 12

    /// The `Date` line of this second.
    private func appendDate() {
        let line = unsafe dateLine.bytes(at: now)
        if let base = line.baseAddress { unsafe slices.append(base, count: line.count) }
    }

    /// A response head without what belongs to the connection it came over.
    func appendResponse(
        _ head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer,
        _ change: ResponseChange
    ) {
        guard let base = bytes.baseAddress else { return }
        let appendRun = { (start: Int, end: Int) in
            precondition(start >= 0 && end <= bytes.count, "a slice of bytes that are there")
            if end > start { unsafe self.slices.append(base + start, count: end - start) }
        }
        var run = 0
        if head.version == .http10 {
            // A proxy sends its own version (RFC 9110 §2.5).
            slices.append("HTTP/1.1")
            run = "HTTP/1.1".utf8.count
        }
        if head.statusLine.count == Self.bareStatusLineBytes {
            // RFC 9112 §4: the second space stands also where no reason follows it.
            appendRun(run, Int(head.statusLine.end))
            slices.append(" ")
            run = Int(head.statusLine.end)
        }
        for index in 0..<responseFields.count {
            let field = responseFields[index]
            let isDropped =
                (field.isRemoved && !(change.isUpgrade && field.known == .upgrade))
                || (change.dropsChunked && field.known == .transferEncoding)
            guard isDropped else { continue }
            appendRun(run, Int(field.name.start))
            run = Int(field.lineEnd)
        }
        appendRun(run, head.byteCount - 2)
        if change.addedBytes > 0 { appendText(from: text.count - change.addedBytes) }
        // RFC 9110 §6.6.1: who has a clock dates what came without.
        if !head.hasDate, head.status >= 200 { appendDate() }
        if change.addsChunked { slices.append("Transfer-Encoding: chunked\r\n") }
        if change.isUpgrade { slices.append("Connection: upgrade\r\n") }
        switch (change.connection, change.version) {
        case (.close, _): slices.append("Connection: close\r\n")
        case (.keepAlive, .http10): slices.append("Connection: keep-alive\r\n")
        case (.keepAlive, .http11), (.asIs, _): break
        }
        appendRun(head.byteCount - 2, head.byteCount)
    }

    /// Our own response: its head, and one line that says why.
    func appendAnswer(_ exchange: Exchange, _ status: UInt16, _ reason: StaticString) {
        let phrase = reasonPhrase(status)
        // Status, reason and id on a line: `404 Not Found: … (request 32 digits)`.
        let bodyCount =
            5 + phrase.utf8CodeUnitCount + 1 + reason.utf8CodeUnitCount + 10
            + exchange.requestIDCount + 2
        text.append("HTTP/1.1 ")
        text.append(decimal: UInt64(status))
        text.append(" ")
        text.append(phrase)
        text.append("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ")
        text.append(decimal: UInt64(bodyCount))
        text.append("\r\n")
        let date = unsafe dateLine.bytes(at: now)
        text.append(unsafe Span(_unsafeBytes: date))
        text.append(exchange.routing.forwarded.requestIDLine)
        appendRequestID(exchange)
        if status == 503 || status == 429 { text.append("\r\nRetry-After: 1") }
        if !exchange.keepsDownstream {
            text.append("\r\nConnection: close")
        } else if exchange.request.version == .http10 {
            text.append("\r\nConnection: keep-alive")
        }
        text.append("\r\n\r\n")
        if exchange.request.method != .head {
            text.append(decimal: UInt64(status))
            text.append(" ")
            text.append(phrase)
            text.append(": ")
            text.append(reason)
            text.append(" (request ")
            appendRequestID(exchange)
            text.append(")\n")
        }
        appendText(from: 0)
    }

    private func appendRequestID(_ exchange: Exchange) {
        if exchange.givenRequestID.isEmpty {
            text.append(hexadecimal: exchange.requestID.0)
            text.append(hexadecimal: exchange.requestID.1)
        } else {
            text.append(exchange.givenRequestID, of: exchange.input)
        }
    }
}

extension Exchange {
    /// Bytes of the request's id as it is written.
    var requestIDCount: Int { givenRequestID.isEmpty ? 32 : givenRequestID.count }
}

/// The reason phrases of the statuses we send ourselves (RFC 9110 §15).
private func reasonPhrase(_ status: UInt16) -> StaticString {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 417: "Expectation Failed"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Error"
    }
}
