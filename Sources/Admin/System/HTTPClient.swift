import CLinux
import Glibc
import Proxy

/// Asks an HTTP server one question over a connection of its own, and waits for the answer.
struct HTTPClient {
    enum Place: Equatable {
        case network(host: String, port: String)
        case unix(path: String)
    }

    /// Why there is no answer, in a few words.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// What the server said.
    struct Answer {
        let status: Int
        let body: [UInt8]

        var isDone: Bool { (200..<300).contains(status) }
        var json: JSON? { try? JSONParser.parse(body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private static let connectLimitSeconds = 5

    let place: Place
    /// For the `Host` field.
    let authority: String
    /// Largest answer that is taken.
    var answerLimitBytes = 1 << 20

    /// Asks, with all of it over within `limit` but for the look-up of a name.
    func ask(
        _ method: String,
        _ target: String,
        fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        within limit: Duration
    ) throws(Failure) -> Answer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(authority)\r\n"
        head += "User-Agent: switchyard/\(Version.text)\r\nConnection: close\r\n"
        if body != nil { head += "Content-Type: application/json\r\n" }
        if method != "GET" { head += "Content-Length: \(body?.count ?? 0)\r\n" }
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        head += "\r\n"

        let deadline = ContinuousClock.now + limit
        let connection = try connect(within: limit)
        guard connection.send(Array(head.utf8) + (body ?? []), until: deadline) else {
            throw Failure(reason: "the connection broke")
        }
        var bytes: [UInt8] = []
        while bytes.count <= answerLimitBytes {
            switch connection.receive(until: deadline) {
            case .bytes(let more):
                bytes += more
                if let answer = Self.answer(bytes, hasEnded: false) { return answer }
            case .end:
                guard let answer = Self.answer(bytes, hasEnded: true) else {
                    throw Failure(reason: "the answer is cut short or not HTTP")
                }
                return answer
            case .late: throw Failure(reason: "no answer within \(DurationText.text(limit))")
            }
        }
        throw Failure(reason: "the answer has more than \(answerLimitBytes) bytes")
    }
}

// MARK: Reading

extension HTTPClient {
    /// Reads a whole answer; nil when bytes are missing or it is none (RFC 9112 §6.3).
    static func answer(_ bytes: [UInt8], hasEnded: Bool) -> Answer? {
        answer(bytes[...], hasEnded: hasEnded, interimLimit: 32)
    }

    private static func answer(
        _ bytes: ArraySlice<UInt8>,
        hasEnded: Bool,
        interimLimit: Int
    ) -> Answer? {
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
        func field(_ name: String) -> String? {
            lines.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
                .map { $0.dropFirst(name.count + 1).drop { $0 == " " }.lowercased() }
        }
        let rest = bytes[(end + blank.count)...]
        if (100..<200).contains(status) {
            guard interimLimit > 0 else { return nil }
            return answer(rest, hasEnded: hasEnded, interimLimit: interimLimit - 1)
        }
        if status == 204 || status == 304 { return Answer(status: status, body: []) }
        if field("transfer-encoding") == "chunked" {
            return unchunked(rest).map { Answer(status: status, body: $0) }
        }
        guard let length = field("content-length").map({ Int($0) }) else {
            return hasEnded ? Answer(status: status, body: Array(rest)) : nil
        }
        guard let length, length >= 0, length <= rest.count else { return nil }
        return Answer(status: status, body: Array(rest.prefix(length)))
    }

    /// The data of a chunked body; nil when its end is missing (RFC 9112 §7.1).
    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let newline = Array("\r\n".utf8)
        var rest = bytes
        var body: [UInt8] = []
        while true {
            guard let end = rest.indices.first(where: { rest[$0...].starts(with: newline) })
            else { return nil }
            let digits = rest[..<end].prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0
            else { return nil }
            if size == 0 { return body }
            rest = rest[(end + newline.count)...]
            guard size <= rest.count - newline.count else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + newline.count)
        }
    }
}

// MARK: Connecting

extension HTTPClient {
    func connect(within limit: Duration = .seconds(5)) throws(Failure) -> Connection {
        let wait = min(limit, .seconds(Self.connectLimitSeconds))
        switch place {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
                unsafe room.copyBytes(from: path.utf8)
            }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            return try unsafe withUnsafeBytes(of: &address) { raw throws(Failure) in
                try unsafe connect(
                    family: AF_UNIX,
                    raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    size,
                    wait
                )
            }
        case .network(let host, let port): return try connect(host: host, port: port, wait)
        }
    }

    private func connect(
        host: String,
        port: String,
        _ wait: Duration
    ) throws(Failure) -> Connection {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let failure = unsafe getaddrinfo(host, port, &hints, &first)
        guard failure == 0 else {
            throw Failure(reason: unsafe String(cString: gai_strerror(failure)))
        }
        defer { unsafe freeaddrinfo(first) }
        var reason = Failure(reason: "no address")
        var next = unsafe first
        while let entry = unsafe next {
            let address = unsafe entry.pointee
            do {
                return try unsafe connect(
                    family: address.ai_family,
                    address.ai_addr,
                    address.ai_addrlen,
                    wait
                )
            } catch { reason = error }
            unsafe next = address.ai_next
        }
        throw reason
    }

    private func connect(
        family: Int32,
        _ address: UnsafePointer<sockaddr>?,
        _ size: socklen_t,
        _ wait: Duration
    ) throws(Failure) -> Connection {
        do throws(SystemError) {
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let socket = try FileDescriptor("socket", Glibc.socket(family, type, 0))
            // On Linux the limit for sending also bounds connect.
            let milliseconds = max(1, Int(wait.milliseconds))
            var limit = timeval(
                tv_sec: milliseconds / 1_000,
                tv_usec: milliseconds % 1_000 * 1_000
            )
            let limitSize = socklen_t(MemoryLayout<timeval>.size)
            unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDTIMEO, &limit, limitSize)
            guard unsafe Glibc.connect(socket.rawValue, address, size) == 0 else {
                throw SystemError("connect")
            }
            return Connection(socket)
        } catch {
            throw Failure(reason: "\(error)")
        }
    }
}
