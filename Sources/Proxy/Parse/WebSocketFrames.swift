/// Knows where frames end in what an endpoint sends over a WebSocket (RFC 6455 §5.2).
///
/// It counts bytes and holds none. A tunnel belongs to its two ends; this is only for the one frame
/// that may come from us, the close frame of a drain.
enum WebSocketFrames: Equatable {
    /// Before the first byte of a frame.
    case boundary
    case secondByte(isClose: Bool)
    /// Bytes of an extended length are still to come.
    case length(left: UInt8, value: UInt64, isClose: Bool)
    case payload(left: UInt64, isClose: Bool)
    /// The endpoint has closed by a frame of its own; nothing may follow it (§5.5.1).
    case closed
    /// No WebSocket, or none that we understand: nothing can be put in.
    case untracked

    init() { self = .boundary }

    var areAtBoundary: Bool { self == .boundary }
    var areTracked: Bool { self != .untracked }

    /// Follows the next bytes; a frame that no server may send ends the tracking, not the tunnel.
    mutating func take(_ bytes: Span<UInt8>) {
        var offset = 0
        while offset < bytes.count {
            switch self {
            case .closed, .untracked: return
            case .payload(let left, let isClose):
                let skipped = min(left, UInt64(bytes.count - offset))
                offset += Int(skipped)
                enterPayload(left - skipped, isClose)
            default:
                step(bytes[offset])
                offset += 1
            }
        }
    }

    private mutating func step(_ byte: UInt8) {
        switch self {
        case .boundary:
            // Extensions may set the reserved bits, but opcodes 3 to 7 and 11 to 15 have no length
            // that we would know.
            self = byte & 0x07 > 2 ? .untracked : .secondByte(isClose: byte & 0x0F == 8)
        case .secondByte(let isClose):
            switch byte {
            case 126: self = .length(left: 2, value: 0, isClose: isClose)
            case 127: self = .length(left: 8, value: 0, isClose: isClose)
            // §5.1: a server must not mask.
            case 128...: self = .untracked
            default: enterPayload(UInt64(byte), isClose)
            }
        case .length(let left, let value, let isClose):
            let value = value << 8 | UInt64(byte)
            if left > 1 {
                self = .length(left: left - 1, value: value, isClose: isClose)
            } else if value >> 63 == 1 {
                self = .untracked
            } else {
                enterPayload(value, isClose)
            }
        case .payload, .closed, .untracked: preconditionFailure("a byte of no frame's head")
        }
    }

    private mutating func enterPayload(_ left: UInt64, _ isClose: Bool) {
        self =
            left > 0 ? .payload(left: left, isClose: isClose) : isClose ? .closed : .boundary
    }
}
