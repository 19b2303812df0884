/// An answer with a body of known length.
struct DemoResponse: Equatable {
    var status = 200
    var type = "application/json"
    var body: [UInt8]

    init(status: Int = 200, type: String = "application/json", body: String) {
        self.status = status
        self.type = type
        self.body = Array(body.utf8)
    }

    /// The bytes to send; a HEAD request gets the same head and no body (RFC 9110 §9.3.2).
    func bytes(for request: DemoRequest, identity: DemoIdentity) -> [UInt8] {
        var head = Self.head(status: status, identity: identity)
        head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        if !request.keepsAlive { head += "Connection: close\r\n" }
        let bytes = Array((head + "\r\n").utf8)
        return request.method == "HEAD" ? bytes : bytes + body
    }

    /// Status line and the field that tells who answered.
    static func head(status: Int, identity: DemoIdentity) -> String {
        """
        HTTP/1.1 \(status) \(reason(of: status))\r
        X-Served-By: \(identity.slot)/\(identity.service) \(identity.version)\r

        """
    }

    private static func reason(of status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 426: "Upgrade Required"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
