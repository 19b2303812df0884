/// Reads requests one after the other from a connection.
struct DemoRequestReader {
    let socket: OriginSocket
    /// Arrived and not yet used; after an upgrade the next protocol starts here.
    var unread: [UInt8] = []

    init(_ socket: OriginSocket) { self.socket = socket }

    /// The next request with its body; nil at the end of the connection or of its good manners.
    mutating func next() -> DemoRequest? {
        guard let head = line(endingWith: [13, 10, 13, 10], limit: DemoRequest.headLimitBytes),
            var request = DemoRequest(head: head)
        else { return nil }
        if request.field("expect")?.lowercased() == "100-continue" {
            guard socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        switch request.framing {
        case .length(let length): return take(length, for: &request) ? request : nil
        case .chunked: return takeChunks(for: &request) ? request : nil
        }
    }

    private mutating func takeChunks(for request: inout DemoRequest) -> Bool {
        while true {
            guard let line = line(endingWith: [13, 10], limit: 1024) else { return false }
            let digits = String(decoding: line.prefix { $0 != 0x3B }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size >= 0 else { return false }
            guard size > 0 else { break }
            guard take(size, for: &request), self.line(endingWith: [13, 10], limit: 2) != nil else {
                return false
            }
        }
        // Trailers, up to an empty line.
        while let line = line(endingWith: [13, 10], limit: 8 * 1024) {
            if line.isEmpty { return true }
        }
        return false
    }

    /// Takes `count` bytes of body, keeping the first ones.
    private mutating func take(_ count: Int, for request: inout DemoRequest) -> Bool {
        var remaining = count
        while remaining > 0 {
            if unread.isEmpty, !socket.receive(into: &unread, limit: 64 * 1024) { return false }
            let taken = min(remaining, unread.count)
            let room = DemoRequest.bodyKeptLimitBytes - request.body.count
            request.body += unread.prefix(min(taken, room))
            request.bodyBytes += taken
            unread.removeFirst(taken)
            remaining -= taken
        }
        return true
    }

    /// Takes the bytes before `mark`, and the mark with them.
    private mutating func line(endingWith mark: [UInt8], limit: Int) -> ArraySlice<UInt8>? {
        var searched = 0
        while true {
            if let end = firstIndex(of: mark, from: searched) {
                let line = unread[..<end]
                unread.removeFirst(end + mark.count)
                return line
            }
            searched = max(unread.count - mark.count + 1, 0)
            guard unread.count < limit + mark.count, socket.receive(into: &unread) else {
                return nil
            }
        }
    }

    private func firstIndex(of mark: [UInt8], from start: Int) -> Int? {
        guard unread.count >= start + mark.count else { return nil }
        return (start...unread.count - mark.count).first {
            unread[$0..<$0 + mark.count].elementsEqual(mark)
        }
    }
}
