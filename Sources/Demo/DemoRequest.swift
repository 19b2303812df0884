/// One request as an origin sees it: enough HTTP/1.1 for our own proxy and curl, not for strangers.
struct DemoRequest: Equatable {
    static let headLimitBytes = 64 * 1024
    static let bodyKeptLimitBytes = 64 * 1024

    enum Framing: Equatable {
        case length(Int)
        case chunked
    }

    let method: String
    let target: String
    let isHTTP11: Bool
    /// Names in lower case, in the order of arrival.
    let fields: [(name: String, value: String)]
    let framing: Framing
    /// The first bytes of the body, for knobs; the rest is read and dropped.
    var body: [UInt8] = []
    var bodyBytes = 0

    /// Reads a head without its closing empty line; nil when it is none.
    init?(head: ArraySlice<UInt8>) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let start = lines.first?.split(separator: " "), start.count == 3 else { return nil }
        method = String(start[0])
        target = String(start[1])
        isHTTP11 = start[2] == "HTTP/1.1"
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append((line[..<colon].lowercased(), String(value)))
        }
        self.fields = fields
        let first = { (name: String) in fields.first { $0.name == name }?.value }
        if first("transfer-encoding")?.lowercased() == "chunked" {
            framing = .chunked
        } else {
            guard let length = Int(first("content-length") ?? "0"), length >= 0 else { return nil }
            framing = .length(length)
        }
    }

    var path: String { String(target.prefix { $0 != "?" }) }

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// A number of the query such as `bytes` in `?bytes=100`.
    func queryNumber(_ name: String) -> Int? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        let pairs = target[target.index(after: mark)...].split(separator: "&")
        return pairs.first { $0.hasPrefix(name + "=") }.flatMap {
            Int($0.dropFirst(name.count + 1))
        }
    }

    /// Whether the connection serves another request after this one (RFC 9112 §9.3).
    var keepsAlive: Bool {
        let wish = field("connection")?.lowercased() ?? ""
        return isHTTP11 ? !wish.contains("close") : wish.contains("keep-alive")
    }

    static func == (left: DemoRequest, right: DemoRequest) -> Bool {
        left.method == right.method && left.target == right.target
            && left.framing == right.framing && left.body == right.body
            && left.fields.elementsEqual(right.fields) { $0 == $1 }
    }
}
