import CLinux
import Glibc
import Proxy

/// Asks an admin port and waits for the answer.
struct AdminClient {
    /// How long an answer may take that waits for nothing else.
    static let answerLimit = Duration.seconds(30)
    private static let connectLimitSeconds = 5
    /// Largest answer: metrics of thousands of endpoints stay below.
    private static let answerLimitBytes = 64 << 20

    let address: AdminAddress
    let token: String?

    /// What the admin port said.
    struct Answer {
        let status: Int
        let body: [UInt8]

        var isDone: Bool { (200..<300).contains(status) }
        var json: JSON? { try? JSONParser.parse(body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Nobody answered, or not whole: a sentence.
    struct Unreachable: Error, Equatable {
        let message: String
    }

    func ask(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        body: JSON? = nil,
        within limit: Duration = answerLimit
    ) throws(Unreachable) -> Answer {
        let payload = body.map { Array($0.line.utf8) } ?? []
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        head += "User-Agent: switchyard/\(Version.text)\r\nConnection: close\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        if body != nil { head += "Content-Type: application/json\r\n" }
        if method != "GET" { head += "Content-Length: \(payload.count)\r\n" }
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        head += "\r\n"

        let connection = try connect()
        let deadline = ContinuousClock.now + limit
        guard connection.send(Array(head.utf8) + payload, until: deadline) else {
            throw unreachable("the connection broke")
        }
        var bytes: [UInt8] = []
        receiving: while bytes.count <= Self.answerLimitBytes {
            switch connection.receive(until: deadline) {
            case .bytes(let more): bytes += more
            case .end: break receiving
            case .late: throw unreachable("no answer within \(limit)")
            }
        }
        guard let answer = Self.answer(bytes) else {
            throw unreachable("the answer is cut short or not HTTP")
        }
        return answer
    }

    private func unreachable(_ reason: String) -> Unreachable {
        Unreachable(
            message: "the admin port \(address.authority) does not answer (\(reason)); is"
                + " switchyard running there? name another with --admin URL or SWITCHYARD_ADMIN"
        )
    }

    /// Reads a whole answer; nil when bytes are missing.
    static func answer(_ bytes: [UInt8]) -> Answer? {
        let blank = Array("\r\n\r\n".utf8)
        guard
            let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }),
            let head = String(validating: bytes[..<end], as: UTF8.self)
        else { return nil }
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return nil
        }
        let body = Array(bytes[(end + blank.count)...])
        let length = lines.dropFirst().first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) }
        guard length == body.count else { return nil }
        return Answer(status: status, body: body)
    }
}

// MARK: Connecting

extension AdminClient {
    func connect() throws(Unreachable) -> Connection {
        switch address.place {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
                unsafe room.copyBytes(from: path.utf8)
            }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            return try unsafe withUnsafeBytes(of: &address) { raw throws(Unreachable) in
                try unsafe connect(
                    family: AF_UNIX,
                    raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    size
                )
            }
        case .network(let host, let port): return try connect(host: host, port: port)
        }
    }

    private func connect(host: String, port: String) throws(Unreachable) -> Connection {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let failure = unsafe getaddrinfo(host, port, &hints, &first)
        guard failure == 0 else {
            throw unreachable(unsafe String(cString: gai_strerror(failure)))
        }
        defer { unsafe freeaddrinfo(first) }
        var reason = Unreachable(message: "no address")
        var next = unsafe first
        while let entry = unsafe next {
            let address = unsafe entry.pointee
            do {
                return try unsafe connect(
                    family: address.ai_family,
                    address.ai_addr,
                    address.ai_addrlen
                )
            } catch { reason = error }
            unsafe next = address.ai_next
        }
        throw reason
    }

    private func connect(
        family: Int32,
        _ address: UnsafePointer<sockaddr>?,
        _ size: socklen_t
    ) throws(Unreachable) -> Connection {
        do throws(SystemError) {
            let type = Int32(SOCK_STREAM.rawValue)
            let socket = try FileDescriptor("socket", Glibc.socket(family, type, 0))
            // On Linux the limit for sending also bounds connect.
            var limit = timeval(tv_sec: Self.connectLimitSeconds, tv_usec: 0)
            let limitSize = socklen_t(MemoryLayout<timeval>.size)
            unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDTIMEO, &limit, limitSize)
            guard unsafe Glibc.connect(socket.rawValue, address, size) == 0 else {
                throw SystemError("connect")
            }
            return Connection(socket)
        } catch {
            throw unreachable("\(error)")
        }
    }
}
