import Proxy

/// An answer of the admin port.
struct AdminResponse {
    var status: Int
    var contentType: String
    var fields: [(name: String, value: String)] = []
    var body: [UInt8]
    /// Follows the head instead of a body, until either side ends the connection.
    var feed: EventFeed?

    static func text(_ text: String, status: Int = 200) -> AdminResponse {
        AdminResponse(
            status: status,
            contentType: "text/plain; charset=utf-8",
            body: Array((text + "\n").utf8)
        )
    }

    static func json(_ value: JSON, status: Int = 200) -> AdminResponse {
        AdminResponse(
            status: status,
            contentType: "application/json",
            body: Array(value.text.utf8)
        )
    }

    /// One sentence that says what to send instead.
    static func refusal(_ refusal: AdminRefusal) -> AdminResponse {
        var response = json(refusal.json, status: refusal.status)
        response.fields = refusal.fields
        return response
    }

    func with(_ name: String, _ value: String) -> AdminResponse {
        var response = self
        response.fields.append((name, value))
        return response
    }

    /// The bytes for the wire; a response to HEAD has a length but no body.
    func wire(keepsAlive: Bool, isHead: Bool, now: Timestamp) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.phrase(status))\r\nDate: \(now.httpDate)\r\n"
        head += "Content-Type: \(contentType)\r\n"
        if feed == nil { head += "Content-Length: \(body.count)\r\n" }
        head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        head += keepsAlive ? "\r\n" : "Connection: close\r\n\r\n"
        return Array(head.utf8) + (isHead ? [] : body)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Refused"
        }
    }
}

/// Why the admin port did not do what it was asked; nothing has changed.
struct AdminRefusal: Error {
    let status: Int
    let message: String
    var fields: [(name: String, value: String)] = []
    /// Every single mistake, where there may be several.
    var issues: [String] = []

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension AdminRefusal {
    var json: JSON {
        let json: JSON = ["error": .string(message)]
        return issues.isEmpty ? json : json.adding("issues", .array(issues.map(JSON.string)))
    }

    init(_ refusal: Refusal) {
        let status =
            switch refusal {
            case .otherGeneration: 412
            case .unhealthy, .noPreviousSlot, .leased, .busy, .rollout: 409
            case .notSaved: 500
            case .handedOver: 503
            }
        self.init(status, refusal.message)
    }
}
