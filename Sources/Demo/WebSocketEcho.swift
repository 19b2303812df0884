import FoundationEssentials

/// The server side of a WebSocket that sends back what it gets (RFC 6455).
struct WebSocketEcho {
    static let frameLimitBytes = 1 << 20

    private enum Opcode {
        static let close: UInt8 = 0x8
        static let ping: UInt8 = 0x9
        static let pong: UInt8 = 0xA
    }

    /// Arrived and not yet answered.
    var unread: [UInt8]
    private var isClosed = false

    init(unread: [UInt8] = []) { self.unread = unread }

    /// The value of `Sec-WebSocket-Accept`; nil when `request` asks for no WebSocket.
    static func acceptKey(for request: DemoRequest) -> String? {
        guard request.field("upgrade")?.lowercased() == "websocket",
            let key = request.field("sec-websocket-key")
        else { return nil }
        // RFC 6455 §4.2.2 names this constant.
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Data(SHA1.digest(of: Array(text.utf8))).base64EncodedString()
    }

    /// The answer to the first frame in `unread`: empty when more bytes are needed, nil when the
    /// connection is to be closed.
    mutating func takeAnswer() -> [UInt8]? {
        guard !isClosed else { return nil }
        guard let frame = Frame(unread) else { return [] }
        // RFC 6455 §5.1: a frame from that side without a mask ends the connection.
        guard frame.isMasked, frame.length <= Self.frameLimitBytes else { return nil }
        guard unread.count >= frame.headBytes + frame.length else { return [] }
        let payload = frame.payload(in: unread)
        unread.removeFirst(frame.headBytes + frame.length)
        switch frame.opcode {
        case Opcode.close:
            isClosed = true
            return Self.frame(first: frame.first, payload: payload)
        case Opcode.ping: return Self.frame(first: 0x80 | Opcode.pong, payload: payload)
        case Opcode.pong: return takeAnswer()
        // Fragments go back as they came, with the same FIN bit.
        default: return Self.frame(first: frame.first, payload: payload)
        }
    }

    private static func frame(first: UInt8, payload: [UInt8]) -> [UInt8] {
        var frame = [first]
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ..<65_536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(127)
            frame += (0..<8).reversed().map {
                UInt8(truncatingIfNeeded: UInt64(payload.count) >> (8 * UInt64($0)))
            }
        }
        return frame + payload
    }

    /// The head of a frame (RFC 6455 §5.2).
    private struct Frame {
        let first: UInt8
        let isMasked: Bool
        let length: Int
        let headBytes: Int

        var opcode: UInt8 { first & 0x0F }

        /// nil while the head is not whole.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 2 else { return nil }
            first = bytes[0]
            isMasked = bytes[1] & 0x80 != 0
            let short = Int(bytes[1] & 0x7F)
            let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
            headBytes = 2 + lengthBytes + (isMasked ? 4 : 0)
            guard bytes.count >= headBytes else { return nil }
            let long = bytes[2..<2 + lengthBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            length = lengthBytes == 0 ? short : Int(min(long, UInt64(Int32.max)))
        }

        func payload(in bytes: [UInt8]) -> [UInt8] {
            let mask = Array(bytes[headBytes - 4..<headBytes])
            return (0..<length).map { bytes[headBytes + $0] ^ mask[$0 & 3] }
        }
    }
}
