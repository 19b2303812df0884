import TestSupport
import Testing

@testable import Proxy

@Suite("WebSocket frames")
struct WebSocketFramesTests {
    private static func frames(after bytes: [UInt8]) -> WebSocketFrames {
        var frames = WebSocketFrames()
        frames.take(bytes.span)
        return frames
    }

    private static func frame(_ first: UInt8, payloadBytes: Int) -> [UInt8] {
        let length: [UInt8] =
            switch payloadBytes {
            case ..<126: [UInt8(payloadBytes)]
            case ..<65_536: [126, UInt8(payloadBytes >> 8), UInt8(payloadBytes & 0xFF)]
            default: [127] + (0..<8).map { UInt8(payloadBytes >> (56 - 8 * $0) & 0xFF) }
            }
        // The payload's bytes look like heads of frames, close frames among them.
        return [first] + length + (0..<payloadBytes).map { [0x88, 0x7F, 0xFF][$0 % 3] }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
    func `a frame ends where its length says, and only there`(payloadBytes: Int) {
        let bytes = Self.frame(0x82, payloadBytes: payloadBytes)

        #expect(Self.frames(after: bytes).areAtBoundary)
        #expect(Self.frames(after: bytes + bytes).areAtBoundary)
        for missing in 1..<min(bytes.count, 20) {
            #expect(!Self.frames(after: Array(bytes.dropLast(missing))).areAtBoundary)
        }
    }

    @Test(arguments: [0x00, 0x80, 0x01, 0x81, 0x02, 0x89, 0x8A, 0xC1] as [UInt8])
    func `every opcode that has a meaning is followed`(first: UInt8) {
        #expect(Self.frames(after: Self.frame(first, payloadBytes: 5)).areAtBoundary)
    }

    @Test func `nothing fits behind a close frame`() {
        let frames = Self.frames(after: Self.frame(0x88, payloadBytes: 2))

        #expect(frames == .closed)
        #expect(!frames.areAtBoundary)
        #expect(Self.frames(after: [0x88, 0] + Self.frame(0x81, payloadBytes: 3)) == .closed)
    }

    @Test(
        arguments: [
            [0x83, 0], [0x87, 0], [0x8B, 0], [0x8F, 0],
            [0x81, 0x81, 1, 2, 3, 4, 5],
            [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func `what no server may send ends the tracking`(bytes: [UInt8]) {
        let frames = Self.frames(after: bytes + Self.frame(0x81, payloadBytes: 3))

        #expect(frames == .untracked)
        #expect(!frames.areTracked)
    }

    @Test func `bytes cut anywhere lead to the same place`() {
        let bytes =
            Self.frame(0x81, payloadBytes: 7) + Self.frame(0x82, payloadBytes: 300)
            + Self.frame(0x89, payloadBytes: 0) + Self.frame(0x82, payloadBytes: 40).dropLast(3)
        let whole = Self.frames(after: bytes)

        for (first, second) in everySplit(of: bytes) {
            var frames = Self.frames(after: Array(first))
            frames.take(Array(second).span)
            #expect(frames == whole)
        }
    }
}
