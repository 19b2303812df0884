import TestSupport
import Testing

@testable import Proxy

@Suite("Buffer")
struct BufferTests {
    @Test func `it begins empty and with room for its capacity`() {
        var buffer = Buffer(capacity: 100)

        #expect(buffer.unreadCount == 0)
        #expect(unsafe buffer.freeSpace.count == 100)
    }

    @Test func `bytes come out as they came in`() {
        var buffer = Buffer(capacity: 100)

        #expect(buffer.receive([1, 2, 3]) == 3)
        buffer.append([4, 5])
        buffer.consume(1)

        #expect(array(buffer.unread) == [2, 3, 4, 5])
        #expect(unsafe Array(buffer.unreadBytes) == [2, 3, 4, 5])
    }

    @Test func `when all was consumed the whole room is free again`() {
        var buffer = Buffer(capacity: 8)
        _ = buffer.receive([1, 2, 3, 4, 5])

        buffer.consume(5)

        #expect(unsafe buffer.freeSpace.count == 8)
    }

    @Test func `unread bytes move to the front when nothing is left behind them`() {
        var buffer = Buffer(capacity: 4)
        _ = buffer.receive([1, 2, 3, 4])
        buffer.consume(3)

        #expect(buffer.receive([5, 6, 7, 8]) == 3)

        #expect(array(buffer.unread) == [4, 5, 6, 7])
        #expect(unsafe buffer.freeSpace.count == 0)
    }

    @Test func `an appended piece that fits after compaction fits`() {
        var buffer = Buffer(capacity: 8)
        _ = buffer.receive([1, 2, 3, 4, 5, 6])
        buffer.consume(4)

        buffer.append([7, 8, 9, 10, 11, 12])

        #expect(array(buffer.unread) == [5, 6, 7, 8, 9, 10, 11, 12])
    }

    @Test func `bytes behind a count are dropped`() {
        var buffer = Buffer(capacity: 8)
        buffer.append([1, 2, 3, 4, 5])
        buffer.consume(1)

        buffer.removeAll(after: 2)
        #expect(array(buffer.unread) == [2, 3])
        buffer.append([9])
        #expect(array(buffer.unread) == [2, 3, 9])

        buffer.removeAll()
        #expect(buffer.unreadCount == 0)
    }

    @Test func `a token is found in whatever case`() {
        var buffer = Buffer(capacity: 16)
        buffer.append(raw("x-Keep-ALIVE"))
        buffer.consume(2)

        #expect(buffer.equalsIgnoringCase(ByteRange(0, 10), raw("keep-alive")) == true)
        #expect(buffer.equalsIgnoringCase(ByteRange(0, 9), raw("keep-alive")) == false)
        #expect(buffer.equalsIgnoringCase(ByteRange(0, 4), raw("kelp")) == false)
    }

    @Test func `every broken bound traps`() async {
        await #expect(processExitsWith: .failure) {
            var buffer = Buffer(capacity: 4)
            buffer.append([1, 2])
            buffer.consume(3)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = Buffer(capacity: 4)
            buffer.didFill(5)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = Buffer(capacity: 4)
            buffer.append([1, 2, 3, 4, 5])
        }
        await #expect(processExitsWith: .failure) {
            var buffer = Buffer(capacity: 4)
            buffer.removeAll(after: 1)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = Buffer(capacity: 4)
            buffer.append([1, 2])
            buffer.consume(-1)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `it agrees with a plain array over random moves`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var buffer = Buffer(capacity: 64)
        var model: [UInt8] = []

        for _ in 0..<3_000 {
            let piece = (0..<Int.random(in: 0...70, using: &random)).map { _ in
                UInt8.random(in: 0 ... .max, using: &random)
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: model += piece.prefix(buffer.receive(piece))
            case 1 where model.count + piece.count <= 64:
                buffer.append(piece)
                model += piece
            case 2:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.removeAll(after: count)
                model = Array(model.prefix(count))
            default:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            }
            #expect(array(buffer.unread) == model)
        }
    }
}
