import TestSupport
import Testing

@testable import Proxy

@Suite("Log ring")
struct LogRingTests {
    /// What the ring puts before each line.
    static let prefixBytes = 4

    @discardableResult
    private static func append(
        _ ring: LogRing,
        _ bytes: [UInt8],
        as kind: LogRing.Kind = .access
    ) -> Bool {
        var line = TextBuffer(capacity: max(bytes.count, 1))
        line.append(bytes)
        return ring.append(kind, line)
    }

    private static func take(_ ring: LogRing) -> (access: [UInt8], error: [UInt8]) {
        var access: [UInt8] = []
        var error: [UInt8] = []
        ring.take(access: &access, error: &error)
        return (access, error)
    }

    @Test func `lines come out in order, each kind on its own`() {
        let ring = LogRing()
        Self.append(ring, Array("a1\n".utf8), as: .access)
        Self.append(ring, Array("e1\n".utf8), as: .error)
        Self.append(ring, Array("a2\n".utf8), as: .access)
        Self.append(ring, [], as: .error)

        let lines = Self.take(ring)

        #expect(lines.access == Array("a1\na2\n".utf8))
        #expect(lines.error == Array("e1\n".utf8))
        let none = Self.take(ring)
        #expect(none.access.isEmpty && none.error.isEmpty)
    }

    @Test func `lines go behind the text that is there`() {
        let ring = LogRing()
        Self.append(ring, [2], as: .access)
        Self.append(ring, [4], as: .error)
        var access: [UInt8] = [1]
        var error: [UInt8] = [3]

        ring.take(access: &access, error: &error)

        #expect(access == [1, 2])
        #expect(error == [3, 4])
    }

    @Test func `a full ring drops lines and counts them, and keeps the old ones`() {
        let ring = LogRing()
        let line = [UInt8](repeating: 1, count: 1_020)
        let room = LogRing.capacity / (line.count + Self.prefixBytes)
        for _ in 0..<room { Self.append(ring, line) }
        #expect(ring.droppedCount == 0)

        Self.append(ring, [2])
        Self.append(ring, [], as: .error)

        #expect(ring.droppedCount == 2)
        let lines = Self.take(ring)
        #expect(lines.access == [UInt8](repeating: 1, count: room * line.count))
        #expect(lines.error.isEmpty)

        Self.append(ring, [3])
        #expect(Self.take(ring).access == [3])
        #expect(ring.droppedCount == 2)
    }

    @Test func `a line of all the ring's size fits, one byte more never does`() {
        let ring = LogRing()
        let line = [UInt8](repeating: 7, count: LogRing.capacity - Self.prefixBytes)

        Self.append(ring, line + [7])
        #expect(ring.droppedCount == 1)

        Self.append(ring, line)
        #expect(Self.take(ring).access == line)
    }

    @Test(arguments: 0...8)
    func `a line may cross the end of the memory at any byte`(offset: Int) {
        let ring = LogRing()
        // Leaves `offset` bytes before the end: the prefix of four crosses it, or the line.
        let filler = LogRing.capacity - offset - Self.prefixBytes
        Self.append(ring, [UInt8](repeating: 0, count: filler))
        #expect(Self.take(ring).access.count == filler)

        Self.append(ring, [1, 2, 3, 4, 5, 6], as: .error)

        #expect(Self.take(ring).error == [1, 2, 3, 4, 5, 6])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `nothing is lost, doubled or mixed over many turns`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let ring = LogRing()
        var expected: (access: [UInt8], error: [UInt8]) = ([], [])
        var waiting = 0
        var dropped: UInt64 = 0

        for _ in 0..<500 {
            let byte = UInt8.random(in: 0 ... .max, using: &random)
            let count = Int.random(in: 0...20_000, using: &random)
            let line = [UInt8](repeating: byte, count: count)
            let kind = Bool.random(using: &random) ? LogRing.Kind.access : .error
            Self.append(ring, line, as: kind)
            if waiting + count + Self.prefixBytes > LogRing.capacity {
                dropped += 1
            } else {
                waiting += count + Self.prefixBytes
                if kind == .access { expected.access += line } else { expected.error += line }
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                let lines = Self.take(ring)
                #expect(lines.access == expected.access)
                #expect(lines.error == expected.error)
                expected = ([], [])
                waiting = 0
            }
        }

        #expect(ring.droppedCount == dropped)
        #expect(dropped > 0)
    }

    @Test func `the first line after a wait wakes the writer, and only that one`() {
        let ring = LogRing()
        #expect(!Self.append(ring, [1]))
        #expect(!ring.awaitLine(), "a line is there already")
        #expect(!Self.append(ring, [1]))
        _ = Self.take(ring)

        #expect(ring.awaitLine())
        #expect(Self.append(ring, [2]))
        #expect(!Self.append(ring, [3]))
    }

    @Test func `one thread may take while another appends`() throws {
        let ring = LogRing()
        let lineCount = 60_000
        let worker = Beside {
            var line = TextBuffer(capacity: 32)
            for number in 0..<lineCount {
                line.removeAll()
                line.append(decimal: UInt64(number))
                line.append("\n")
                var dropped: UInt64
                repeat {
                    dropped = ring.droppedCount
                    _ = ring.append(.access, line)
                } while ring.droppedCount != dropped
            }
        }
        let last = Array("\(lineCount - 1)\n".utf8)
        var access: [UInt8] = []
        var error: [UInt8] = []
        while !access.reversed().starts(with: last.reversed()) {
            ring.take(access: &access, error: &error)
        }
        try worker.value()

        #expect(access == Array((0..<lineCount).map { "\($0)\n" }.joined().utf8))
        #expect(error.isEmpty)
    }
}
